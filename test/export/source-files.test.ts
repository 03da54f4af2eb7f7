import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExpectedError, isExpected } from '../../src/base/errors.ts';
import { openSource, type SourceOptions } from '../../src/base/source-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-source-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  return path;
}

async function readAll(path: string, options?: SourceOptions): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const file of openSource(path, options)) {
    const chunks: Buffer[] = [];
    for await (const chunk of file.stream()) chunks.push(chunk as Buffer);
    found[file.name] = Buffer.concat(chunks).toString('utf8');
  }
  return found;
}

async function failure(work: Promise<unknown>): Promise<ExpectedError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isExpected(error)) throw error ?? new Error('it did not fail');
  expect(error.lines.every((line) => line.length > 0 && !line.includes('\n'))).toBe(true);
  return error;
}

const text = (content: string) => strToU8(content);

describe('what is inside', () => {
  test('a single file', async () => {
    expect(await readAll(await put('one.json', '[1]'))).toEqual({ 'one.json': '[1]' });
  });

  test('a folder, sorted, without dot files and __MACOSX', async () => {
    for (const name of ['b.json', 'a/z.json', 'a/c.json', '.DS_Store', '__MACOSX/b.json', 'a/._c.json'])
      await put(`tree/${name}`, name);
    const names = Object.keys(await readAll(join(folder, 'tree')));
    expect(names).toEqual(['a/c.json', 'a/z.json', 'b.json']);
  });

  test('a linked folder does not go round for ever, a linked file is followed', async () => {
    await put('links/real.json', 'real');
    await symlink('real.json', join(folder, 'links/linked.json'));
    await symlink('..', join(folder, 'links/parent'));
    expect(await readAll(join(folder, 'links'))).toEqual({ 'linked.json': 'real', 'real.json': 'real' });
  });

  test('a zip, whatever it is called', async () => {
    const zip = zipSync({
      'MyData/endsong_0.json': text('[0]'),
      '__MACOSX/MyData/._endsong_0.json': text('x'),
      'MyData/.hidden': text('x'),
    });
    for (const name of ['data.zip', 'data', 'data.json']) {
      expect(await readAll(await put(name, zip))).toEqual({ 'MyData/endsong_0.json': '[0]' });
    }
  });

  test('zips in zips, packed and stored, and in folders', async () => {
    const inner = zipSync({ 'deep.json': text('deep') });
    const outer = zipSync({
      'packed.zip': [inner, { level: 9 }],
      'stored.zip': [inner, { level: 0 }],
      'plain.json': text('plain'),
    });
    const expected = { 'packed.zip/deep.json': 'deep', 'stored.zip/deep.json': 'deep', 'plain.json': 'plain' };
    expect(await readAll(await put('outer.zip', outer))).toEqual(expected);
    await put('with-zip/inner.zip', inner);
    expect(await readAll(join(folder, 'with-zip'))).toEqual({ 'inner.zip/deep.json': 'deep' });
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('segue-zip-'))).toEqual([]);
  });

  test('gzips lose their ending, in zips too', async () => {
    expect(await readAll(await put('rows.csv.gz', gzipSync('a,b')))).toEqual({ 'rows.csv': 'a,b' });
    expect(await readAll(await put('gz.zip', zipSync({ 'rows.csv.gz': gzipSync('a,b') })))).toEqual({
      'rows.csv': 'a,b',
    });
  });

  test('names that point outside are only names', async () => {
    const zip = zipSync({ '../../etc/passwd.json': text('x'), '/root.json': text('y') });
    expect(await readAll(await put('slip.zip', zip))).toEqual({ 'etc/passwd.json': 'x', 'root.json': 'y' });
  });

  test('the head is the beginning, and the stream starts again each time', async () => {
    const path = await put('head.zip', zipSync({ 'big.json': text('0123456789'.repeat(100_000)) }));
    for await (const file of openSource(path)) {
      expect((await file.head(12)).toString()).toBe('012345678901');
      expect(file.size).toBe(1_000_000);
      for (let time = 0; time < 2; time++) {
        let length = 0;
        for await (const chunk of file.stream()) length += (chunk as Buffer).length;
        expect(length).toBe(1_000_000);
      }
    }
  });
});

describe('what is wrong', () => {
  test('there is no such file', async () => {
    expect((await failure(readAll(join(folder, 'nothing.zip')))).code).toBe('source-not-found');
  });

  test('nothing inside', async () => {
    await mkdir(join(folder, 'empty'));
    await put('only-hidden/.hidden', 'x');
    for (const path of [
      join(folder, 'empty'),
      join(folder, 'only-hidden'),
      await put('zero.json', ''),
      await put('none.zip', zipSync({})),
    ]) {
      expect((await failure(readAll(path))).code).toBe('source-empty');
    }
  });

  test('a zip cut anywhere', async () => {
    const zip = zipSync({ 'a.json': text('[1,2,3]'), 'b.json': text('[4]') });
    for (let length = 4; length < zip.length; length += 7) {
      const error = await failure(readAll(await put('cut.zip', zip.subarray(0, length))));
      expect(error.code).toBe('source-damaged');
      expect(error.why).toContain('cut short');
    }
  });

  test('called .zip and no zip: text is read as text, anything else is refused', async () => {
    expect(await readAll(await put('text.zip', '[1]'))).toEqual({ 'text.zip': '[1]' });
    expect((await failure(readAll(await put('noise.zip', Buffer.from([1, 0, 200, 3, 0, 9, 9, 9]))))).code).toBe(
      'source-not-a-zip',
    );
  });

  test('a flipped bit is found by its checksum', async () => {
    const zip = Buffer.from(zipSync({ 'a.json': [text('[1,2,3]'), { level: 0 }] }));
    zip[zip.indexOf('[1,2,3]') + 1]! ^= 1;
    expect((await failure(readAll(await put('flipped.zip', zip)))).code).toBe('source-damaged');
  });

  test('an encrypted entry', async () => {
    const zip = Buffer.from(zipSync({ 'a.json': text('[1]'), 'b.json': text('[2]') }));
    // Bit 0 of the general purpose flag, in the central directory of the first entry.
    zip[zip.indexOf(Buffer.from('PK\x01\x02', 'latin1')) + 8]! |= 1;
    const path = await put('encrypted.zip', zip);
    expect((await failure(readAll(path))).code).toBe('source-encrypted');
    const problems: string[] = [];
    expect(await readAll(path, { onProblem: (name, error) => problems.push(`${name}: ${error.code}`) })).toEqual({
      'b.json': '[2]',
    });
    expect(problems).toEqual(['a.json: source-encrypted']);
  });

  test('a cut gzip gives what it has, then fails', async () => {
    const whole = gzipSync(Buffer.from(Array.from({ length: 50_000 }, (_, i) => `${i * 7919}\n`).join('')));
    const path = await put('cut.csv.gz', whole.subarray(0, whole.length - 100));
    let length = 0;
    const reading = (async () => {
      for await (const file of openSource(path))
        for await (const chunk of file.stream()) length += (chunk as Buffer).length;
    })();
    expect((await failure(reading)).code).toBe('source-damaged');
    expect(length).toBeGreaterThan(100_000);
  });

  test('one bad zip of a folder does not stop the others', async () => {
    const zip = zipSync({ 'a.json': text('[1]') });
    await put('mixed/a.zip', zip);
    await put('mixed/b.zip', zip.subarray(0, 30));
    await put('mixed/c.zip', zip);
    const problems: string[] = [];
    const found = await readAll(join(folder, 'mixed'), { onProblem: (name) => problems.push(name) });
    expect(Object.keys(found)).toEqual(['a.zip/a.json', 'c.zip/a.json']);
    expect(problems).toEqual(['b.zip']);
    expect((await failure(readAll(join(folder, 'mixed')))).code).toBe('source-damaged');
  });

  test('a zip that holds itself many times over is not followed', async () => {
    let zip = zipSync({ 'core.json': text('[1]') });
    for (let depth = 0; depth < 6; depth++) zip = zipSync({ 'next.zip': zip });
    expect((await failure(readAll(await put('matryoshka.zip', zip)))).code).toBe('source-not-readable');
  });
});
