import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShapeOptions } from '../../src/vectors/vector-file-shape.ts';
import { readVectorTable, type VectorTable } from '../../src/vectors/vector-table.ts';
import { readBinaryRows } from '../../src/vectors/word2vec-binary.ts';
import { readTextRows } from '../../src/vectors/word2vec-text.ts';
import { binaryParts, textParts } from '../../src/vectors/word2vec-write.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-word2vec-'));
});
afterAll(() => rm(folder, { recursive: true }));

const watch = { signal: new AbortController().signal };
let files = 0;

/** Reads these bytes as a vector file. */
async function read(content: string | Uint8Array, options: ShapeOptions = {}, ending = ''): Promise<VectorTable> {
  const path = join(folder, `vectors-${files++}${ending}`);
  await writeFile(path, content);
  return await readVectorTable(path, options, watch);
}

/** What reading them says instead, without the path. */
async function refusal(content: string | Uint8Array, options: ShapeOptions = {}, ending = ''): Promise<string[]> {
  const error = await read(content, options, ending).then(
    () => expect.unreachable('it was read'),
    (thrown) => thrown,
  );
  return [error.code, ...error.lines.map((line: string) => line.replaceAll(/\S*\/vectors-\d+/g, 'FILE'))];
}

/** A binary file; `after`: what follows each vector. */
function binary(rows: readonly [token: string | Buffer, numbers: readonly number[]][], after = '', header?: string) {
  const parts = rows.flatMap(([token, numbers]) => [
    Buffer.from(token as string),
    Buffer.from(' '),
    Buffer.from(Float32Array.from(numbers).buffer),
    Buffer.from(after),
  ]);
  return Buffer.concat([Buffer.from(header ?? `${rows.length} ${rows[0]![1].length}\n`), ...parts]);
}

function rowsOf({ tokens, values, shape: { dimensions } }: VectorTable): [string, number[]][] {
  return tokens.map((token, row) => [token, [...values.subarray(row * dimensions, (row + 1) * dimensions)]]);
}

const number = fc.float({ noNaN: true, noDefaultInfinity: true });
/** Numbers as training makes them. */
const trained = fc.float({ noNaN: true, min: Math.fround(-4), max: 4 }).map((x) => (Math.abs(x) < 1e-6 ? 0 : x));
const sign = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((text) => text.replaceAll(/\s|\p{C}/gu, ''));
const word = sign.filter((text) => text !== '');
/** Several words: what gensim writes as it is, and does not read. */
const title = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
const notANumberAtTheEnd = (text: string) => !/(^| )[+-]?\d*\.\d{4,}(e[+-]?\d+)?$/i.test(text);

function vectors(token: fc.Arbitrary<string>, value: fc.Arbitrary<number>, least: number) {
  return fc.integer({ min: least, max: 20 }).chain((dimensions) =>
    fc.uniqueArray(
      fc.tuple(
        token.filter(notANumberAtTheEnd),
        fc.array(value, { minLength: dimensions, maxLength: dimensions }).map((row) => row.map(Math.fround)),
      ),
      { minLength: 1, maxLength: 30, selector: ([text]) => text },
    ),
  );
}

function written(parts: typeof textParts, rows: readonly [string, number[]][]): Buffer {
  const dimensions = rows[0]![1].length;
  const values = Float32Array.from(rows.flatMap(([, row]) => row));
  return Buffer.concat([...parts({ rows: rows.length, dimensions, values, token: (row) => rows[row]![0] })]);
}

/** The same bytes, in pieces of any size. */
async function* inPieces(bytes: Buffer, sizes: readonly number[]) {
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const size = sizes[piece % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('what is written is what is read', () => {
  test('text: any token without line ends, any f32', async () => {
    await fc.assert(
      fc.asyncProperty(vectors(fc.oneof(word, title), number, 1), async (rows) => {
        expect(rowsOf(await read(written(textParts, rows)))).toEqual(rows);
      }),
    );
  });

  test.each([
    ['any f32', number, 8],
    ['numbers as training makes them, in few dimensions', trained, 1],
  ])('binary: any token without blanks, %s', async (_, value, least) => {
    await fc.assert(
      fc.asyncProperty(vectors(word, value, least), async (rows) => {
        expect(rowsOf(await read(written(binaryParts, rows), { format: 'word2vec-binary' }))).toEqual(rows);
      }),
    );
  });

  test('binary: tokens of several words, numbers as training makes them', async () => {
    await fc.assert(
      fc.asyncProperty(vectors(title, trained, 8), fc.constantFrom('', '\n'), async (rows, after) => {
        expect(rowsOf(await read(binary(rows, after), { format: 'word2vec-binary' }))).toEqual(rows);
      }),
    );
  });

  test('text without a first line', async () => {
    const lines = vectors(fc.oneof(word, title), trained, 2).filter((rows) => rows.every(([text]) => !/\d/.test(text)));
    await fc.assert(
      fc.asyncProperty(lines, async (rows) => {
        const bytes = written(textParts, rows);
        const table = await read(bytes.subarray(bytes.indexOf(0x0a) + 1));
        expect(table.shape).toEqual({ format: 'word2vec-text', dimensions: rows[0]![1].length });
        expect(rowsOf(table)).toEqual(rows);
      }),
    );
  });

  test('wherever the pieces end that a file is read in', async () => {
    const rows = vectors(title, trained, 8).filter((each) => each.length > 3);
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), async (each, sizes) => {
        const shape = { dimensions: each[0]![1].length, promised: each.length };
        for (const [parts, reader, format] of [
          [textParts, readTextRows, 'word2vec-text'],
          [binaryParts, readBinaryRows, 'word2vec-binary'],
        ] as const) {
          const found: string[] = [];
          const bytes = inPieces(written(parts, each), sizes);
          for await (const { tokens } of reader(bytes, { ...shape, format }, 'x')) found.push(...tokens);
          expect(found).toEqual(each.map(([text]) => text));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the ways in which programs write', () => {
  const expected = [
    ['one', [0.5, -1]],
    ['two', [0.25, 3]],
  ];

  test.each([
    ['as gensim does', '2 2\none 0.5 -1.0\ntwo 0.25 3.0\n'],
    ['as word2vec.c does, with a blank at the end', '2 2\none 0.500000 -1.000000 \ntwo 0.250000 3.000000 \n'],
    ['with Windows’ line ends', '2 2\r\none 0.5 -1\r\ntwo 0.25 3\r\n'],
    ['with tabs', '2 2\none\t0.5\t-1\ntwo\t0.25\t3\n'],
    ['without a first line, as GloVe does', 'one 0.5 -1\ntwo 0.25 3\n'],
    ['without a last line end', '2 2\none 0.5 -1\ntwo 0.25 3'],
    ['with exponents', '2 2\none 5e-1 -1E0\ntwo 2.5e-01 +3\n'],
    ['with a byte order mark', '\ufeff2 2\none 0.5 -1\ntwo 0.25 3\n'],
    ['with empty lines', '2 2\none 0.5 -1\n\ntwo 0.25 3\n\n'],
  ])('text %s', async (_, text) => {
    expect(rowsOf(await read(text))).toEqual(expected);
  });

  test('as UTF-16, from a Windows editor', async () => {
    expect(rowsOf(await read(Buffer.from('\ufeff2 2\none 0.5 -1\ntwo 0.25 3\n', 'utf16le')))).toEqual(expected);
  });

  test.each(['', '\n'])('binary with %j after each vector, packed or not', async (after) => {
    const bytes = binary(expected as [string, number[]][], after);
    expect(rowsOf(await read(bytes))).toEqual(expected);
    expect(rowsOf(await read(gzipSync(bytes), {}, '.bin.gz'))).toEqual(expected);
  });

  test('binary without a first line, when told the dimensions', async () => {
    const bytes = binary(expected as [string, number[]][], '', '');
    expect(rowsOf(await read(bytes, { format: 'word2vec-binary', dimensions: 2 }))).toEqual(expected);
  });

  test('titles that end in numbers do not move the dimensions', async () => {
    const text = 'Blink 182 0.5 -1\nMaroon 5 0.25 3\nQueen 1 1\nABBA 1 2\nCher 2 1\n';
    expect((await read(text)).tokens).toEqual(['Blink 182', 'Maroon 5', 'Queen', 'ABBA', 'Cher']);
    // Numbers for tokens: one field is the token's.
    expect((await read('17 0.5 -1\n18 0.25 3\n')).tokens).toEqual(['17', '18']);
  });

  test('a token that word2vec.c cut within a letter, and one in Windows-1252', async () => {
    const cut = Buffer.concat([Buffer.from('1 1\nあり'), Buffer.from('が').subarray(0, 2), Buffer.from(' 0.5\n')]);
    expect((await read(cut)).tokens).toEqual(['あり']);
    const [beyonce, rows] = [Buffer.from('Beyonc\xe9', 'latin1'), [0.5, 1, 2, 3]];
    expect((await read(Buffer.concat([Buffer.from('1 1\n'), beyonce, Buffer.from(' 0.5\n')]))).tokens).toEqual([
      'Beyoncé',
    ]);
    const inBinary = binary([
      [beyonce, rows],
      [Buffer.from('Caf\xe9 Tacvba - Ingrata', 'latin1'), rows],
      ['x', rows],
    ]);
    expect((await read(inBinary)).tokens).toEqual(['Beyoncé', 'Café Tacvba - Ingrata', 'x']);
  });
});

test('rows that cannot be used are counted by reason', async () => {
  const { tokens, tally } = await read('6 1\none 1\none 2\ntwo nan\nthree -inf\n  4\nfour 5\n');
  expect(tokens).toEqual(['one', 'four']);
  expect(tally).toEqual({ read: 6, unusable: { 'same-token-again': 1, 'not-finite': 2, 'empty-token': 1 } });
  const inBinary = await read(
    binary([
      ['a b', [1, 2, 3, 4, 5, 6, 7, 8]],
      ['c', [1, 2, Number.NaN, 4, 5, 6, 7, 8]],
      ['d', [1e-30, 1e30, 3, 4, 5, 6, 7, 8]],
    ]),
  );
  expect(inBinary.tokens).toEqual(['a b', 'd']);
  expect(inBinary.tally).toEqual({ read: 3, unusable: { 'not-finite': 1 } });
});

describe('damage is refused with its line or byte', () => {
  const again = 'Download, copy or export it again; nothing of it was imported.';

  test.each([
    [
      'a line with too few numbers',
      '3 2\none 1 2\ntwo 3\nthree 4 5\n',
      'Line 3 ("two 3"…) has 1 numbers instead of 2.',
    ],
    ['a line with too many', '2 2\none 1 2\ntwo 0.12345 3 4\n', 'Line 3 ("two 0.12345 3 4"…) has more than 2 numbers.'],
    [
      'something that is no number',
      'one 1 2\ntwo 3 4\nthree x 4\n',
      'Line 3 ("three x 4"…) has "x" where number 1 of 2 should be.',
    ],
    [
      'fewer lines than promised',
      '3 2\none 1.25 2.75\n',
      'Line 1 promises 3 vectors, but the file ends after 1 (line 2).',
    ],
    ['more lines than promised', '1 2\none 1 2\ntwo 3 4\n', 'Line 1 promises 1 vectors, but line 3 is one more.'],
    [
      'a file cut within a line',
      '2 3\none 1 2 3\ntwo 4 5',
      'Line 3 ("two 4 5"…) has 2 numbers instead of 3, and nothing ends it: the file is cut short.',
    ],
    ['a promise of nothing', '0 100\n', 'Line 1 promises 0 vectors.'],
    [
      'a promise that the file is too small for',
      '99999999 100\none 1 2\n',
      'Line 1 promises 99999999 vectors of 100 numbers, which take at least 20199999798 bytes; the file has 21.',
    ],
  ])('%s', async (_, text, why) => {
    expect(await refusal(text)).toEqual(['vectors-damaged', 'Cannot read all of FILE', why, again]);
  });

  const numbers = [0.5, -1, 2, 0.25, 1, 1, 1, 1];
  const three = binary([
    ['one', numbers],
    ['two words', numbers],
    ['three', numbers],
  ]);

  test.each([
    [
      'cut within a vector',
      three.subarray(0, -5),
      'At byte 82, vector 3 is cut short: the file ends 33 bytes into it.',
    ],
    ['more than promised', Buffer.concat([three, Buffer.from('more')]), undefined],
    [
      'another vector than promised',
      Buffer.concat([
        Buffer.from('2 8\n'),
        binary(
          [
            ['one', numbers],
            ['two', numbers],
            ['four', numbers],
          ],
          '\n',
          '',
        ),
      ]),
      'At byte 78, the first line promises 2 vectors, but more follows.',
    ],
  ])('binary: %s', async (_, bytes, why) => {
    const [code, what, found] = await refusal(gzipSync(bytes), {}, '.bin.gz');
    expect([code, what]).toEqual(['vectors-damaged', 'Cannot read all of FILE.bin.gz']);
    expect(found).toMatch(why ?? /^At byte \d+, /);
  });

  test('binary: every cut is noticed', async () => {
    for (let length = 5; length < three.length; length++) {
      const [code] = await refusal(gzipSync(three.subarray(0, length)), { format: 'word2vec-binary' }, '.gz');
      expect(code).toBe('vectors-damaged');
    }
  });

  test('a gzip that ends early', async () => {
    const [code] = await refusal(gzipSync(written(textParts, [['one', [1, 2]]])).subarray(0, -12), {}, '.gz');
    expect(code).toMatch(/^(source-damaged|vectors-damaged|vectors-not-readable)$/);
  });

  test.each([
    ['prose', 'These are no vectors.\nNone at all.\n'],
    ['JSON', '{"tracks": [1, 2, 3]}\n'],
    ['bytes', Buffer.from([0, 1, 2, 3, 200, 0, 0, 17])],
  ])('%s is no vector file', async (_, content) => {
    expect((await refusal(content))[0]).toBe('vectors-not-readable');
  });
});

describe('models of other kinds say how they are converted', () => {
  const pickle = (module: string, type: string) =>
    Buffer.from(`\x80\x04\x95\xd6\x03\0\0\0\0\0\0\x8c\x1a${module}\x94\x8c\x0c${type}\x94\x93\x94)\x81`, 'latin1');

  test.each([
    ['gensim.models.keyedvectors', 'KeyedVectors', 'KeyedVectors.load(sys.argv[1]).save_word2vec_format('],
    ['gensim.models.word2vec', 'Word2Vec', 'Word2Vec.load(sys.argv[1]).wv.save_word2vec_format('],
    ['gensim.models.fasttext', 'FastText', 'FastText.load(sys.argv[1]).wv.save_word2vec_format('],
    ['gensim.models.doc2vec', 'Doc2Vec', 'Doc2Vec.load(sys.argv[1]).wv.save_word2vec_format('],
  ])('%s.%s', async (module, type, call) => {
    const [code, what, why, hint] = await refusal(pickle(module, type));
    expect([code, what]).toEqual(['vectors-not-readable', 'Cannot read song vectors from FILE']);
    expect(why).toContain(`It is a ${type} that gensim saved with .save(): a Python pickle`);
    expect(hint).toContain(`python3 -c "import sys; from gensim.models import ${type}; ${call}`);
    expect(hint).toMatch(/ FILE vectors\.bin$/);
  });

  test('a path with blanks and quotes is quoted for the shell', async () => {
    const path = join(folder, "it's mine.model");
    await writeFile(path, pickle('gensim.models.word2vec', 'Word2Vec'));
    const error = await readVectorTable(path, {}, watch).catch((thrown) => thrown);
    expect(error.hint).toContain(`/it'\\''s mine.model' vectors.bin`);
  });

  test.each([
    [
      'a pickle of something else',
      Buffer.from('\x80\x02}q\x01X\x03\0\0\0abcq\x02K\x01s.', 'latin1'),
      'a Python pickle',
    ],
    ['a numpy array', Buffer.from('\x93NUMPY\x01\0v\0', 'latin1'), 'a numpy array'],
    ['a fastText model', Buffer.from('\xba\x16\x4f\x2f\x0c\0\0\0', 'latin1'), 'fastText'],
    ['a Parquet file', Buffer.from('PAR1\x15\x04'), 'a Parquet file'],
  ])('%s', async (_, content, words) => {
    const [code, , why] = await refusal(content);
    expect([code, why]).toEqual(['vectors-not-readable', expect.stringContaining(words)]);
  });

  test('a zip is looked into, and says their names where it holds several files', async () => {
    const glove = strToU8('one 0.5 -1\ntwo 0.25 3\n');
    expect((await read(zipSync({ 'glove.txt': glove }), {}, '.zip')).tokens).toEqual(['one', 'two']);
    const [, , why, hint] = await refusal(zipSync({ 'a.txt': glove, 'b.txt': glove }), {}, '.zip');
    expect([why, hint]).toEqual(['It holds 2 files: a.txt, b.txt.', 'Unpack it and name one of them.']);
  });
});

const shared = join(import.meta.dirname, '../../../shared/data/vectors');
const isThere = existsSync(shared);
describe.skipIf(!isThere)(
  `files of other programs${isThere ? '' : ' (skipped: ../shared/data/vectors is not there)'}`,
  () => {
    const given = (name: string) => join(shared, name);
    const open = (name: string) => readVectorTable(given(name), {}, watch);

    test('gensim’s text and binary of one model are the same model', async () => {
      const [text, bytes] = [
        await open('gensim_from_playlists/tt_playlists.w2v.txt'),
        await open('gensim_from_playlists/tt_playlists.w2v.bin'),
      ];
      expect(bytes.shape).toEqual({ format: 'word2vec-binary', dimensions: 32, promised: 2818 });
      expect(text.shape).toEqual({ ...bytes.shape, format: 'word2vec-text' });
      expect(rowsOf(text)).toEqual(rowsOf(bytes));
      // And ours is gensim's, to the byte.
      const { tokens, values } = bytes;
      const again = binaryParts({ rows: 2818, dimensions: 32, values, token: (row) => tokens[row]! });
      expect(
        Buffer.concat([...again]).equals(await readFile(given('gensim_from_playlists/tt_playlists.w2v.bin'))),
      ).toBe(true);
    });

    test.each([
      ['crime-and-punishment.vec', 'word2vec-text', 5, 291, 'и'],
      ['euclidean_vectors.bin', 'word2vec-binary', 10, 2747, 'the'],
      ['high_precision.kv.bin', 'word2vec-binary', 2, 2, 'kangaroo.n.01'],
      ['high_precision.kv.txt', 'word2vec-text', 2, 2, 'kangaroo.n.01'],
      ['toy-model.vec', 'word2vec-text', 5, 22, 'the'],
      ['w2v_keyedvectors_load_test.modeldata', 'word2vec-text', 3, 2, 'ありがとう'],
      ['word2vec_pre_kv_c', 'word2vec-text', 10, 1750, 'the'],
    ])('%s', async (name, format, dimensions, rows, first) => {
      const { shape, tokens, tally } = await open(`gensim_test_data/${name}`);
      expect(shape).toEqual({ format, dimensions, promised: rows });
      expect({ rows: tokens.length, first: tokens[0], tally }).toEqual({
        rows,
        first,
        tally: { read: rows, unusable: {} },
      });
    });

    test.each([
      ['pretrained.vec', 'vectors-damaged', 'Line 1 promises 3 vectors, but the file ends after 1 (line 2).'],
      ['crime-and-punishment.bin', 'vectors-not-readable', 'fastText'],
      ['model-from-gensim-3.8.0.w2v', 'vectors-not-readable', 'It is a Word2Vec that gensim saved'],
      ['word2vec_3.3', 'vectors-not-readable', 'It is a Word2Vec that gensim saved'],
      ['w2v-lee-v0.12.0', 'vectors-not-readable', 'It is a Word2Vec that gensim saved'],
    ])('%s is refused', async (name, code, why) => {
      const error = await open(`gensim_test_data/${name}`).catch((thrown) => thrown);
      expect([error.code, error.why]).toEqual([code, expect.stringContaining(why)]);
    });
  },
);
