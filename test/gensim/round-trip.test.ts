import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { writeWholeFiles } from '../../src/base/whole-files.ts';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { type ExportChoice, exportVectors } from '../../src/recommend/export-vectors.ts';
import { type TokenStyle, trackTokens } from '../../src/recommend/track-tokens.ts';
import { meanVector, nearest, searchable } from '../../src/vectors/nearest.ts';
import { readVectorTable } from '../../src/vectors/vector-table.ts';
import { trackOf } from '../recommend/tiny-world.ts';

/** A Python that has gensim; the machine's own where the variable names none. */
const python = process.env.SEGUE_PYTHON ?? 'python3';
const hasGensim = spawnSync(python, ['-c', 'import gensim']).status === 0;
const why = hasGensim ? '' : ` (skipped: ${python} has no gensim; SEGUE_PYTHON names one that has)`;

const watch = { signal: new AbortController().signal };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-gensim-'));
});
afterAll(() => rm(folder, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
function ask(order: { do: 'neighbours' | 'write' | 'train'; [name: string]: unknown }): any {
  const { stdout, stderr, status } = spawnSync(python, [join(import.meta.dirname, 'talk.py')], {
    input: JSON.stringify(order),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const ROWS = 300;
const DIMENSIONS = 24;
const random = seededRandom(5);
const input = Float32Array.from({ length: ROWS * DIMENSIONS }, () => (random() - 0.5) * 2);
const output = Float32Array.from({ length: ROWS * DIMENSIONS }, () => random() - 0.5);
const model = {
  dimensions: DIMENSIONS,
  counts: Uint32Array.from({ length: ROWS }, (_, row) => ROWS - row),
  input,
  output,
};
// Titles with blanks, letters beyond ASCII and beyond 16 bits; every tenth title and artist are another track's as well.
const titles = Array.from(
  { length: ROWS },
  (_, row) => `Señorita ${row - (row % 10 === 9 ? 1 : 0)} (Ünplugged) 東京 🎵`,
);
const catalogue = catalogueOf(
  titles.map((title, row) => ({ ...trackOf(title, 'Björk & Sigur Rós'), id: `id${row}`.padEnd(22, 'x') })),
);

describe.skipIf(!hasGensim)(`gensim${why}`, () => {
  const exports = [
    ['songs.bin', 'word2vec-binary', 'input', 'id'],
    ['songs.txt', 'word2vec-text', 'input', 'id'],
    ['output.bin', 'word2vec-binary', 'output', 'uri'],
    ['names.bin.gz', 'word2vec-binary', 'input', 'artist - title'],
    ['names.txt', 'word2vec-text', 'input', 'artist - title'],
  ] as const;
  const asked = [0, 9, 150, ROWS - 1];
  const tokensOf = (style: TokenStyle) => {
    const tokenOf = trackTokens(catalogue, style, false);
    return Array.from({ length: ROWS }, (_, row) => tokenOf(row));
  };
  let answers: Record<string, { tokens: string[]; values: number[]; similar: Record<string, [string, number][]> }>;

  beforeAll(async () => {
    const files: Record<string, unknown> = {};
    for (const [name, format, matrix, tokens] of exports) {
      const choice: ExportChoice = { name, format, matrix, tokens };
      await writeWholeFiles(folder, exportVectors(model, catalogue, choice), { ...watch, replace: false });
      const all = tokensOf(tokens);
      files[join(folder, name)] = [format === 'word2vec-binary', asked.map((row) => all[row])];
    }
    answers = ask({ do: 'neighbours', files, k: 10 });
  });

  test.each(exports)('loads our %s to the bit and finds the same neighbours', (name, _, matrix, style) => {
    const { tokens, values, similar } = answers[join(folder, name)]!;
    expect(tokens).toEqual(tokensOf(style));
    expect(values).toEqual([...model[matrix]]);
    const vectors = searchable(model[matrix], DIMENSIONS);
    for (const row of asked) {
      const excluded = Uint8Array.from({ length: ROWS }, (_, other) => Number(other === row));
      const ours = nearest(vectors, meanVector(vectors, [row]), { k: 10, measure: 'cosine', excluded });
      const theirs = similar[tokens[row]!]!;
      expect(theirs.map(([token]) => token)).toEqual(ours.map((neighbour) => tokens[neighbour.row]));
      for (const [at, [, score]] of theirs.entries()) expect(score).toBeCloseTo(ours[at]!.score, 5);
    }
  });

  test('what it writes is what we read, even tokens with blanks, which it does not read itself', async () => {
    const tokens = titles.map((title, row) => (row % 3 === 0 ? `id${row}`.padEnd(22, 'x') : `Björk - ${title} ${row}`));
    const values = Array.from({ length: ROWS }, (_, row) => [
      ...input.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS),
    ]);
    const files = { binary: true, text: false };
    const paths = {
      [join(folder, 'theirs.bin')]: { binary: files.binary },
      [join(folder, 'theirs.bin.gz')]: { binary: files.binary },
      [join(folder, 'theirs.txt')]: { binary: files.text },
      [join(folder, 'headless.txt')]: { binary: files.text, write_header: false },
      [join(folder, 'headless.bin')]: { binary: files.binary, write_header: false },
    };
    ask({ do: 'write', tokens, values, files: paths });
    for (const path of Object.keys(paths)) {
      const told = path.endsWith('headless.bin')
        ? ({ format: 'word2vec-binary', dimensions: DIMENSIONS } as const)
        : {};
      const table = await readVectorTable(path, told, watch);
      expect(table.tokens).toEqual(tokens);
      expect(table.values).toEqual(input);
    }
  });

  /** Runs the line that the refusal of `path` gives, and reads what comes of it. */
  async function convert(path: string) {
    const error = await readVectorTable(path, {}, watch).catch((thrown) => thrown);
    const [, line] = /: (python3 -c .*)$/.exec(error.hint)!;
    const { status, stderr } = spawnSync('sh', ['-c', line!.replace('python3', `'${python}'`)], { cwd: folder });
    expect({ status, stderr: status === 0 ? '' : String(stderr) }).toEqual({ status: 0, stderr: '' });
    const table = await readVectorTable(join(folder, 'vectors.bin'), {}, watch);
    await rm(join(folder, 'vectors.bin'));
    return table;
  }

  test.each(['Word2Vec', 'KeyedVectors', 'FastText'])('a %s saved with .save() converts as we say', async (kind) => {
    const path = join(folder, `it's ${kind}.model`);
    const saved = ask({ do: 'train', kind, path });
    const { tokens, values } = await convert(path);
    expect(tokens).toEqual(saved.tokens);
    expect([...values]).toEqual(saved.values);
  });

  const old = join(import.meta.dirname, '../../../shared/data/vectors/gensim_test_data');
  test.skipIf(!existsSync(old)).each([
    ['w2v-lee-v0.12.0', 806, 100],
    ['word2vec_3.3', 4, 100],
    ['model-from-gensim-3.8.0.w2v', 3, 300],
    ['crime-and-punishment.bin', 291, 5],
  ])('%s, of an older version, converts as we say', async (name, rows, dimensions) => {
    const { tokens, shape } = await convert(join(old, name));
    expect({ rows: tokens.length, dimensions: shape.dimensions }).toEqual({ rows, dimensions });
  });
});
