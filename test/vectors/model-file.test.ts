import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Model } from '../../src/vectors/model.ts';
import { openModel, readModelFile, writeModel } from '../../src/vectors/model-file.ts';
import { indexModel } from '../../src/vectors/model-index.ts';
import { modelFingerprint } from '../../src/vectors/model-manifest.ts';
import { readSettings } from '../../src/vectors/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'segue-model-'));
const directory = join(folder, 'model');
const model: Model = {
  dimensions: 3,
  counts: Uint32Array.of(5, 2),
  input: Float32Array.of(1, 2, 3, 4, 5, 0.1),
  output: Float32Array.of(-1, -2, -3, -4, -5, -0.1),
};
const about = {
  settings: readSettings({ dimensions: 3 }),
  trainer: 'reference-1',
  corpus: { fingerprint: 'abc', sources: ['a.zip'] },
  metrics: { losses: [4.1, 3.2], seconds: 1.5, tokens: 7 },
};
const code = (wanted: string) => expect.objectContaining({ code: wanted });

beforeAll(() => writeModel(directory, model, about, { 'songs.txt': [Buffer.from('one\n'), Buffer.from('två\n')] }));
afterAll(() => rmSync(folder, { recursive: true }));

test('what is written is what is opened', async () => {
  const opened = await openModel(directory);
  expect(opened.model).toMatchObject(model);
  expect(opened.model.input.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(opened.manifest).toMatchObject({ format: 'segue-model', version: 2, rows: 2, dimensions: 3, ...about });
  const extra = await readModelFile(directory, 'songs.txt', opened.manifest);
  expect(Buffer.from(extra).toString()).toBe('one\ntvå\n');
});

test('writing again replaces the model whole and leaves nothing beside it', async () => {
  const again = join(folder, 'again');
  await writeModel(again, model, about, { 'old.txt': [Buffer.from('x')] });
  await writeModel(again, { ...model, counts: Uint32Array.of(9, 9) }, about);
  expect([...(await openModel(again)).model.counts]).toEqual([9, 9]);
  expect(readdirSync(again).sort()).toEqual(['counts.u32', 'input.f32', 'manifest.json', 'output.f32']);
  expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
});

test('files of several parts: an opened model is written again as it is, searched as it is, and broken parts are named', async () => {
  const large = join(folder, 'large');
  const again = join(folder, 'large-again');
  const [rows, dimensions] = [45_000, 100];
  const input = Float32Array.from({ length: rows * dimensions }, (_, i) => (i % 1009) / 1009 - 0.5);
  const output = input.map((x) => -x);
  const counts = new Uint32Array(rows).fill(3);
  await writeModel(large, { dimensions, counts, input, output }, about);
  const opened = await openModel(large);
  expect(opened.manifest.files['input.f32']).toMatchObject({ bytes: 18_000_000, crc32: { length: 2 } });
  await writeModel(again, opened.model, about);
  const { model: same, manifest } = await openModel(again);
  expect(manifest).toEqual(opened.manifest);
  expect(Buffer.from(same.output.buffer, same.output.byteOffset, 18_000_000).equals(Buffer.from(output.buffer))).toBe(
    true,
  );
  const found = await indexModel(same, 'output').nearest(output.subarray(0, 100), { k: 1, measure: 'cosine' });
  expect(found).toMatchObject([{ row: 0 }]);

  const bytes = readFileSync(join(again, 'output.f32'));
  bytes[17_000_000]! ^= 128;
  writeFileSync(join(again, 'output.f32'), bytes);
  await expect(openModel(again)).rejects.toThrow(
    expect.objectContaining({ why: 'output.f32 does not match its CRC-32 between bytes 16777216 and 18000000.' }),
  );
});

test('a place that cannot be written to is named in three lines', async () => {
  const inAFile = join(directory, 'manifest.json', 'model');
  await expect(writeModel(inAFile, model, about)).rejects.toThrow(code('model-not-writable'));
});

test('a model file of version 1 opens for ever', async () => {
  const { model: old, manifest } = await openModel(join(import.meta.dirname, 'model-v1'));
  expect(manifest.version).toBe(1);
  expect(old).toMatchObject(model);
});

describe('damage is refused in three lines', () => {
  function copy(name: string): string {
    const target = join(folder, name);
    cpSync(directory, target, { recursive: true });
    return target;
  }

  test.each(['input.f32', 'output.f32', 'counts.u32'])('%s cut, missing, or with one bit turned', async (name) => {
    const cut = copy(`cut-${name}`);
    truncateSync(join(cut, name), 3);
    await expect(openModel(cut)).rejects.toThrow(code('model-damaged'));

    const missing = copy(`missing-${name}`);
    rmSync(join(missing, name));
    await expect(openModel(missing)).rejects.toThrow(code('model-damaged'));

    const turned = copy(`turned-${name}`);
    const bytes = readFileSync(join(turned, name));
    bytes[2]! ^= 1;
    writeFileSync(join(turned, name), bytes);
    await expect(openModel(turned)).rejects.toThrow(
      expect.objectContaining({
        code: 'model-damaged',
        why: expect.stringContaining(`${name} does not match its CRC-32`),
      }),
    );
  });

  test('manifest missing, cut, of another kind, of a later version, or of another shape', async () => {
    await expect(openModel(join(folder, 'nowhere'))).rejects.toThrow(code('model-missing'));
    const damaged = copy('manifest');
    const path = join(damaged, 'manifest.json');
    const text = readFileSync(path, 'utf8');
    for (const [content, wanted] of [
      [text.slice(0, 40), 'model-damaged'],
      ['{"format":"other"}', 'model-damaged'],
      [text.replace('"version": 2', '"version": 3'), 'model-too-new'],
      ['{"format":"segue-model","version":3,"shape":"another"}', 'model-too-new'],
      [text.replace('"rows": 2', '"rows": 3'), 'model-damaged'],
      [text.replace('"counts.u32"', '"counts.u16"'), 'model-damaged'],
    ] as const) {
      writeFileSync(path, content);
      await expect(openModel(damaged)).rejects.toThrow(code(wanted));
    }
  });
});

test('the fingerprint changes with corpus, settings, seed and trainer, and with nothing else', () => {
  const of = (settings: object, corpus = 'c', trainer = 't') =>
    modelFingerprint({ settings: readSettings(settings), trainer }, corpus);
  expect(of({ seed: 1, epochs: 3 })).toBe(of({ epochs: 3, seed: 1 }));
  expect(of({})).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set([of({}), of({ seed: 2 }), of({ epochs: 3 }), of({}, 'd'), of({}, 'c', 'u')]).size).toBe(5);
});
