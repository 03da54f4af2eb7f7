import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpectedError } from '../../src/base/errors.ts';
import { type JsonProblem, readJsonArray } from '../../src/base/json-array.ts';
import { readJsonLines } from '../../src/base/json-lines.ts';

function chunked(bytes: Uint8Array, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(Buffer.from(bytes.subarray(at, at + size)));
  return Readable.from(chunks);
}

async function read(bytes: Uint8Array | string, size = 7, key?: string) {
  const problems: JsonProblem[] = [];
  const values: unknown[] = [];
  const options = {
    onProblem: (problem: JsonProblem) => void problems.push(problem),
    ...(key === undefined ? {} : { key }),
  };
  for await (const value of readJsonArray(chunked(Buffer.from(bytes as string), size), options)) values.push(value);
  return { values, problems: problems.map((problem) => problem.kind) };
}

const json = fc.jsonValue({ noUnicodeString: false });

describe('JSON arrays', () => {
  test('equal JSON.parse, whatever the chunks and the indentation', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(json),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(0, 1, 4),
        async (values, size, indent) => {
          const text = JSON.stringify(values, null, indent);
          expect(await read(text, size)).toEqual({ values: JSON.parse(text), problems: [] });
        },
      ),
    );
  });

  test('are found under a key, past whatever else the object holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(json),
        json,
        json,
        fc.integer({ min: 1, max: 40 }),
        async (values, before, after, size) => {
          const text = JSON.stringify({
            info: before,
            'play"lists': [1],
            list: { playlists: [0] },
            playlists: values,
            after,
          });
          expect(await read(text, size, 'playlists')).toEqual({
            values: JSON.parse(JSON.stringify(values)),
            problems: [],
          });
        },
      ),
    );
  });

  test('cut anywhere give every complete value, then say so', async () => {
    const rows = [{ a: 'x"]},[\\', b: [1, { c: null }] }, 12, 'ünï', [], true, { d: '\\"' }];
    const bytes = Buffer.from(JSON.stringify(rows));
    for (let length = 1; length < bytes.length; length++) {
      const { values, problems } = await read(bytes.subarray(0, length), 5);
      expect(values).toEqual(rows.slice(0, values.length));
      expect(problems).toEqual(['truncated']);
      // Whatever is followed by a comma is complete.
      const complete = rows.findIndex((_, i) => Buffer.byteLength(JSON.stringify(rows.slice(0, i + 1))) > length);
      expect(values.length).toBe(complete < 0 ? rows.length - 1 : complete);
    }
  });

  test('cost only the value that is bad', async () => {
    const { values, problems } = await read('[{"a":1}, {"a":oops}, {"a":2},\n nul, {"a":3,}, 4]', 9);
    expect(values).toEqual([{ a: 1 }, { a: 2 }, 4]);
    expect(problems).toEqual(['bad-item', 'bad-item', 'bad-item']);
  });

  test('in UTF-16 and with byte order marks', async () => {
    const rows = [{ title: 'Härbour Lights 夜' }];
    const text = JSON.stringify(rows);
    const bigEndian = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    for (const bytes of [
      Buffer.from(`\ufeff${text}`, 'utf8'),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(text, 'utf16le'),
      bigEndian,
    ]) {
      for (const size of [1, 3, 1000]) expect(await read(bytes, size)).toEqual({ values: rows, problems: [] });
    }
  });

  test('in Windows-1252: only the rows that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('[{"a":"é"},'), Buffer.from('{"a":"é"}]', 'latin1')]);
    expect((await read(bytes, 1000)).values).toEqual([{ a: 'é' }, { a: 'é' }]);
  });

  test('that are none', async () => {
    for (const text of ['', '   ', '{"a":[1]}', '"text"', '<html>', '12']) {
      expect(await read(text)).toEqual({ values: [], problems: ['no-array'] });
    }
    expect(await read('{"other":[1]}', 7, 'playlists')).toEqual({ values: [], problems: ['no-array'] });
    expect(await read('{"other":[1]', 7, 'playlists')).toEqual({ values: [], problems: ['truncated'] });
  });

  test('throw the problem after the good values when nobody listens', async () => {
    const values: unknown[] = [];
    const reading = (async () => {
      for await (const value of readJsonArray(chunked(Buffer.from('[1,2,3'), 2))) values.push(value);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'json-damaged' });
    expect(values).toEqual([1, 2]);
  });

  test('hand over the failure of their source, after what came before it', async () => {
    const broken = new ExpectedError('source-damaged', 'a', { why: 'b', hint: 'c' });
    const source = async function* () {
      yield Buffer.from('[1,2,');
      throw broken;
    };
    const problems: JsonProblem[] = [];
    const values: unknown[] = [];
    for await (const value of readJsonArray(source(), { onProblem: (problem) => problems.push(problem) }))
      values.push(value);
    expect(values).toEqual([1, 2]);
    expect(problems).toMatchObject([{ kind: 'truncated', cause: broken }]);
  });
});

describe('JSON lines', () => {
  test('equal what was written; a torn last line is told apart from a bad one', async () => {
    const problems: JsonProblem[] = [];
    const values: unknown[] = [];
    const text = '{"a":1}\n\n{"a":oops}\r\n{"a":2}\n{"a":';
    for await (const batch of readJsonLines(chunked(Buffer.from(text), 3), (problem) => problems.push(problem)))
      values.push(...batch);
    expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    expect(problems.map(({ kind, at }) => ({ kind, at }))).toEqual([
      { kind: 'bad-item', at: 9 },
      { kind: 'truncated', at: 29 },
    ]);
  });
});
