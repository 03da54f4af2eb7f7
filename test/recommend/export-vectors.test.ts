import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeWholeFiles } from '../../src/base/whole-files.ts';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { type ExportChoice, exportVectors } from '../../src/recommend/export-vectors.ts';
import { surveyVectors } from '../../src/recommend/survey-vectors.ts';
import { idOf, tinyWorld, trackOf } from './tiny-world.ts';

const watch = { signal: new AbortController().signal };
const { model, catalogue, tracks } = tinyWorld();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-export-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(choice: Partial<ExportChoice> & Pick<ExportChoice, 'format' | 'name'>, replace = false) {
  const files = exportVectors(model, catalogue, { matrix: 'input', tokens: 'id', ...choice });
  await writeWholeFiles(folder, files, { ...watch, replace });
  return join(folder, choice.name);
}

test('the Embedding Projector gets its two files: names of columns only where there are several', async () => {
  await write({ format: 'tsv', name: 'ignored', limit: 10 });
  const vectors = (await readFile(join(folder, 'vectors.tsv'), 'utf8')).split('\n');
  const metadata = (await readFile(join(folder, 'metadata.tsv'), 'utf8')).split('\n');
  expect([vectors.length, metadata.length]).toEqual([11, 12]);
  expect(vectors[3]!.split('\t').map((text) => Math.fround(Number(text)))).toEqual([...model.input.subarray(48, 64)]);
  expect(metadata[0]).toBe('track\ttitle\tartists\tid\tcount');
  const { id, title, artists } = tracks[3]!;
  expect(metadata[4]).toBe([`${artists[0]} - ${title}`, title, artists[0], id, model.counts[3]].join('\t'));
});

test('tabs and line ends in titles do not make columns and rows', async () => {
  const odd = catalogueOf([trackOf('One\tTwo\r\nThree', 'A\u2028B'), { id: idOf(9), title: '', artists: [] }]);
  const two = { ...model, counts: model.counts.subarray(0, 2) };
  const [, metadata] = exportVectors(two, odd, { format: 'tsv', matrix: 'input', tokens: 'id', name: '' });
  const lines = Buffer.concat([...metadata!.parts])
    .toString()
    .split('\n');
  expect(lines.slice(1)).toEqual([
    ['A B - One Two Three', 'One Two Three', 'A B', odd.id(0), String(model.counts[0])].join('\t'),
    [idOf(9), '', '', idOf(9), String(model.counts[1])].join('\t'),
    '',
  ]);
});

test('Parquet has a column for each thing and the vector as a list of floats', async () => {
  const file = await asyncBufferFromFile(await write({ format: 'parquet', name: 'songs.parquet', matrix: 'output' }));
  const { key_value_metadata: about } = await parquetMetadataAsync(file);
  expect(about).toEqual([{ key: 'matrix', value: 'output' }]);
  const rows = await parquetReadObjects({ file });
  expect(rows).toHaveLength(catalogue.size);
  for (const [row, found] of rows.entries()) {
    const { id, title, artists } = tracks[row]!;
    const vector = [...model.output.subarray(row * 16, (row + 1) * 16)];
    expect(found).toEqual({ id, title, artists, isrc: '', count: BigInt(model.counts[row]!), vector });
  }
});

test('a Parquet file of several row groups', async () => {
  const size = 20_000;
  const many = catalogueOf(Array.from({ length: size }, (_, row) => trackOf(`Song ${row}`, 'Somebody')));
  const vectors = Float32Array.from({ length: size * 2 }, (_, at) => at);
  const wide = { dimensions: 2, counts: new Uint32Array(size).fill(1), input: vectors, output: vectors };
  const done: number[] = [];
  const choice = { format: 'parquet', matrix: 'input', tokens: 'id', name: 'many.parquet' } as const;
  await writeWholeFiles(
    folder,
    exportVectors(wide, many, choice, (rows) => done.push(rows)),
    { ...watch, replace: false },
  );
  expect(done).toEqual([8192, 16384, 20_000]);
  const file = await asyncBufferFromFile(join(folder, 'many.parquet'));
  const rows = await parquetReadObjects({ file, columns: ['title', 'vector'], rowStart: 16_383, rowEnd: 16_385 });
  expect(rows).toEqual([
    { title: 'Song 16383', vector: [32766, 32767] },
    { title: 'Song 16384', vector: [32768, 32769] },
  ]);
});

test('what is there stays, unless it may be replaced; what is stopped leaves nothing', async () => {
  const path = join(folder, 'mine.txt');
  await writeFile(path, 'mine');
  const choice = { format: 'word2vec-text', name: 'mine.txt' } as const;
  await expect(write(choice)).rejects.toMatchObject({ code: 'file-exists' });
  expect(await readFile(path, 'utf8')).toBe('mine');
  await write(choice, true);
  expect(await readFile(path, 'utf8')).toMatch(/^40 16\n/);

  const before = await readdir(folder);
  const stop = AbortSignal.abort(new Error('stopped'));
  const files = exportVectors(model, catalogue, {
    format: 'word2vec-text',
    matrix: 'input',
    tokens: 'id',
    name: 'no.txt.gz',
  });
  await expect(writeWholeFiles(folder, files, { signal: stop, replace: false })).rejects.toThrow('stopped');
  expect(await readdir(folder)).toEqual(before);
  expect(before.some((name) => name.startsWith('.unfinished'))).toBe(false);
});

test('a place that is no folder is said in three lines', async () => {
  const files = [{ name: 'songs.bin', parts: [Buffer.alloc(10)] }];
  const place = await write({ format: 'word2vec-text', name: 'a-file.txt' });
  const error = await writeWholeFiles(place, files, { ...watch, replace: true }).catch((thrown) => thrown);
  expect(error.code).toBe('file-not-writable');
  expect(error.lines).toEqual([
    `Cannot write to ${place}`,
    expect.any(String),
    expect.stringContaining('another folder'),
  ]);
});

test('a full disk is said in three lines, and nothing unfinished stays on it', async ({ skip }) => {
  const place = await mkdtemp(join(folder, 'disk-'));
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place]).status !== 0)
    return skip('only root can make a small disk, where mounting is allowed');
  onTestFinished(() => void spawnSync('umount', ['-l', place]));
  for (const name of ['songs.bin', 'songs.bin.gz']) {
    const parts = [0, 1, 2].map(() => randomBytes(900_000));
    const error = await writeWholeFiles(place, [{ name, parts }], { ...watch, replace: false }).catch(
      (thrown) => thrown,
    );
    expect([error.code, error.why]).toEqual(['disk-full', 'The disk is full.']);
    expect(await readdir(place)).toEqual([]);
  }
});

test('a survey says what a file of vectors holds', async () => {
  const path = await write({ format: 'word2vec-binary', name: 'survey.bin', tokens: 'artist - title' });
  expect(await surveyVectors(path, {}, watch)).toMatchObject({
    shape: { format: 'word2vec-binary', dimensions: 16, promised: 40 },
    tally: { read: 40, unusable: {} },
    tokens: { ids: 0, artistAndTitle: 40, others: 0 },
    norms: { zero: 0, least: expect.any(Number), median: expect.any(Number) },
  });
});
