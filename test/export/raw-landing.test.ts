import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRawFile, landRaw, listRaw, readRaw } from '../../src/base/raw-landing.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'segue-raw-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function rowsOf(path: string): Promise<{ rows: unknown[]; torn: number }> {
  let torn = 0;
  const rows: unknown[] = [];
  for await (const batch of readRaw(path, () => torn++)) rows.push(...batch);
  return { rows, torn };
}

test('rows are appended and read back in order', async () => {
  const path = await landRaw(dataDir, 'plays', '2026-11', [{ a: 1 }, { a: 'line\nbreak' }]);
  expect(await landRaw(dataDir, 'plays', '2026-11', [{ a: 3 }])).toBe(path);
  expect(await rowsOf(path)).toEqual({ rows: [{ a: 1 }, { a: 'line\nbreak' }, { a: 3 }], torn: 0 });
  expect(await listRaw(dataDir, 'plays')).toEqual([path]);
  expect(await listRaw(dataDir, 'library')).toEqual([]);
});

test('a line torn by a power cut costs only itself', async () => {
  const path = await landRaw(dataDir, 'plays', '2026-11', [{ a: 1 }]);
  await appendFile(path, '{"a":2,"b":');
  expect(await rowsOf(path)).toEqual({ rows: [{ a: 1 }], torn: 1 });
  await landRaw(dataDir, 'plays', '2026-11', [{ a: 3 }]);
  expect(await rowsOf(path)).toEqual({ rows: [{ a: 1 }, { a: 3 }], torn: 1 });
});

test('a whole file appears under the fingerprint of its contents, once', async () => {
  const paths = new Set<string>();
  for (let time = 0; time < 2; time++) {
    const file = await createRawFile(dataDir, 'history');
    for (let part = 0; part < 50; part++)
      await file.write(Array.from({ length: 1000 }, (_, i) => `{"row":${part * 1000 + i}}`));
    expect(await listRaw(dataDir, 'history')).toEqual([...paths]);
    const { path, fingerprint } = await file.finish();
    expect(path).toContain(fingerprint);
    paths.add(path);
  }
  expect(paths.size).toBe(1);
  const [path] = paths;
  const { rows } = await rowsOf(path!);
  expect(rows.length).toBe(50_000);
  expect(rows.at(-1)).toEqual({ row: 49_999 });
  expect(await readdir(join(dataDir, 'raw/history'))).toHaveLength(1);
});

test('a discarded file leaves nothing, and a torn compressed one gives what it has', async () => {
  const file = await createRawFile(dataDir, 'history');
  await file.write(['1']);
  await file.discard();
  expect(await readdir(join(dataDir, 'raw/history'))).toEqual([]);

  const whole = await createRawFile(dataDir, 'history');
  await whole.write(Array.from({ length: 100_000 }, (_, i) => `{"row":${(i * 7919) % 104_729}}`));
  const { path } = await whole.finish();
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, bytes.length - 1000));
  await expect(rowsOf(path)).rejects.toMatchObject({ code: 'raw-damaged' });
});

test('where nothing can be written the three lines say so', async () => {
  await writeFile(join(dataDir, 'raw'), 'a file in the way');
  await expect(landRaw(dataDir, 'plays', 'x', [1])).rejects.toMatchObject({ code: 'raw-not-written' });
  await expect(createRawFile(dataDir, 'history')).rejects.toMatchObject({ code: 'raw-not-written' });
});
