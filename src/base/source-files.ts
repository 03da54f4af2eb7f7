import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { asError, ExpectedError, isExpected } from './errors.ts';
import { damagedSource, emptySource, encryptedSource, unreadableSource } from './source-errors.ts';
import type { SourcePlace } from './source-place.ts';

/** One file of a source, unpacked as it is read. Usable until the iteration that gave it moves on. */
export interface SourceFile {
  /** Path inside the source with `/`, without `..` and without `.gz`; a single file's own name. */
  readonly name: string;
  /** Bytes after unpacking; absent for gzip, which does not say reliably. */
  readonly size?: number;
  /** Where its bytes lie, for reading it in another thread; absent for what is packed more than once. */
  readonly place?: SourcePlace;
  /** The unpacked bytes, from the start at each call. Fails with an ExpectedError when the file proves damaged. */
  stream(): Readable;
  /** At most the first `bytes` unpacked bytes, for telling formats apart by content. */
  head(bytes: number): Promise<Buffer>;
}

export interface SourceOptions {
  /**
   * Told of members that cannot be opened (a damaged zip in a folder, an encrypted entry); the rest is still read.
   * Without it the first such member ends the iteration with its error.
   */
  readonly onProblem?: (name: string, problem: ExpectedError) => void;
}

// A zip in a zip in a zip is somebody's backup; deeper nesting and larger members are zip bombs.
const MAX_NESTING = 3;
const MAX_NESTED_ZIP_BYTES = 8 * 1024 ** 3;

/**
 * The files of a single file, a folder (recursive, sorted by name), a zip or a gzip, recognised by content, in a fixed
 * order. Dot files and `__MACOSX` are left out, zips inside are opened. Nothing is unpacked to disk except a nested
 * zip, for as long as it is read. Memory does not grow with the size of a file.
 *
 * Errors (ExpectedError): `source-not-found`, `source-not-readable`, `source-empty`, `source-not-a-zip`,
 * `source-damaged`, `source-encrypted`.
 */
export async function* openSource(path: string, options: SourceOptions = {}): AsyncGenerator<SourceFile> {
  let files = 0;
  const info = await onDisk(path, () => stat(path));
  let last: ExpectedError | undefined;
  const problem =
    options.onProblem &&
    ((name: string, error: ExpectedError) => {
      last = error;
      options.onProblem?.(name, error);
    });
  if (!info.isDirectory()) {
    if (info.size === 0) throw emptySource(path, 'The file has 0 bytes');
    // Only members of something larger may fail alone: a bad single file is an error.
    for await (const file of unpack(fileOnDisk(path, basename(path), info.size), { path, prefix: '' }, problem, 0)) {
      files++;
      yield file;
    }
  } else {
    for await (const member of walk(path, '', problem)) {
      try {
        for await (const file of unpack(
          member.file,
          { path: member.path, prefix: `${member.file.name}/` },
          problem,
          0,
        )) {
          files++;
          yield file;
        }
      } catch (error) {
        report(problem, member.file.name, error);
      }
    }
  }
  if (files === 0) throw last ?? emptySource(path, 'No file was found inside (dot files do not count)');
}

/** Whether these first bytes are of a zip, whatever the file is called. */
export function looksLikeZip(head: Buffer): boolean {
  return head.length >= 4 && head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
}

async function* walk(
  root: string,
  inside: string,
  onProblem: SourceOptions['onProblem'],
): AsyncGenerator<{ file: SourceFile; path: string }> {
  const entries = await onDisk(join(root, inside), () => readdir(join(root, inside), { withFileTypes: true }));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (isHidden(entry.name)) continue;
    const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
    const path = join(root, name);
    try {
      // A linked file is followed; a linked folder is not, so that a link to a parent cannot go round for ever.
      const info = entry.isSymbolicLink() ? await onDisk(path, () => stat(path)) : undefined;
      if (entry.isDirectory()) yield* walk(root, name, onProblem);
      else if (entry.isFile() || info?.isFile()) {
        const { size } = info ?? (await onDisk(path, () => stat(path)));
        yield { file: fileOnDisk(path, name, size), path };
      }
    } catch (error) {
      report(onProblem, name, error);
    }
  }
}

/** The file itself, or what is in it when it is a zip or a gzip. `disk`: where the same bytes lie on disk, if they do. */
async function* unpack(
  file: SourceFile,
  disk: { path: string; prefix: string } | undefined,
  onProblem: SourceOptions['onProblem'],
  depth: number,
): AsyncGenerator<SourceFile> {
  const head = await file.head(1024);
  if (looksLikeZip(head)) {
    if (disk !== undefined) yield* readZip(disk.path, disk.prefix, file.name, onProblem, depth);
    else yield* readNestedZip(file, onProblem, depth);
  } else if (head[0] === 0x1f && head[1] === 0x8b) {
    yield gunzipped(file);
  } else if (/\.zip$/i.test(file.name) && isBinary(head)) {
    throw new ExpectedError('source-not-a-zip', `Cannot open ${file.name}`, {
      why: 'It is called .zip, but its first bytes are not those of a zip file.',
      hint: 'Download it again, or pass the unpacked folder.',
    });
  } else {
    yield file;
  }
}

async function* readNestedZip(
  file: SourceFile,
  onProblem: SourceOptions['onProblem'],
  depth: number,
): AsyncGenerator<SourceFile> {
  if (depth >= MAX_NESTING || (file.size ?? 0) > MAX_NESTED_ZIP_BYTES) {
    throw new ExpectedError('source-not-readable', `Cannot open ${file.name}`, {
      why: `It is a zip ${depth >= MAX_NESTING ? `${depth + 1} zips deep` : 'of more than 8 GB inside another'}.`,
      hint: 'Unpack it and pass the folder.',
    });
  }
  // A zip is read from its end, so a packed one has to be laid out first; its own name never becomes a path.
  const folder = await onDisk(tmpdir(), () => mkdtemp(join(tmpdir(), 'segue-zip-')));
  try {
    const path = join(folder, 'nested.zip');
    await onDisk(path, () => pipeline(file.stream(), createWriteStream(path, { mode: 0o600 })));
    yield* readZip(path, `${file.name}/`, file.name, onProblem, depth);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* readZip(
  path: string,
  prefix: string,
  shown: string,
  onProblem: SourceOptions['onProblem'],
  depth: number,
): AsyncGenerator<SourceFile> {
  // Names are decoded here: yauzl would refuse a whole zip for one name with "..", which does no harm when nothing is written.
  const zip = await inZip(shown, () => openPromise(path, { decodeStrings: false, autoClose: false }));
  try {
    const entries = zip.eachEntry();
    for (;;) {
      const next = await inZip(shown, () => entries.next());
      if (next.done) break;
      const entry = next.value;
      const raw = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      const parts = raw.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
      if (raw.endsWith('/') || parts.length === 0 || parts.some(isHidden)) continue;
      const name = prefix + parts.join('/');
      try {
        if (entry.isEncrypted()) throw encryptedSource(name);
        yield* unpack(
          sourceFile(name, entry.uncompressedSize, () => readEntry(zip, entry, name), placeOf(entry, path, depth)),
          undefined,
          onProblem,
          depth + 1,
        );
      } catch (error) {
        report(onProblem, name, error);
      }
    }
  } finally {
    zip.close();
  }
}

function placeOf(entry: Entry, path: string, depth: number): SourcePlace | undefined {
  const { compressionMethod, relativeOffsetOfLocalHeader: header, compressedSize, uncompressedSize, crc32 } = entry;
  // A zip inside another lies on the disk only while it is being gone through.
  if (depth > 0 || (compressionMethod !== 0 && compressionMethod !== 8)) return undefined;
  const isDeflated = compressionMethod === 8;
  return { kind: 'zip-entry', path, header, isDeflated, packedBytes: compressedSize, bytes: uncompressedSize, crc32 };
}

async function* readEntry(zip: ZipFile, entry: Entry, name: string): AsyncGenerator<Buffer> {
  try {
    let sum = 0;
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    // yauzl checks sizes only; a flipped bit in stored data would pass.
    if (sum !== entry.crc32) throw new Error('its checksum does not match');
  } catch (error) {
    throw damagedSource(name, error);
  }
}

function gunzipped(file: SourceFile): SourceFile {
  const name = file.name.replace(/\.gz$/i, '');
  const read = async function* () {
    const gunzip = createGunzip();
    const fed = pipeline(file.stream(), gunzip).catch((error: unknown) => gunzip.destroy(asError(error)));
    try {
      for await (const chunk of gunzip) yield chunk as Buffer;
    } catch (error) {
      throw damagedSource(name, error);
    } finally {
      gunzip.destroy();
      await fed;
    }
  };
  const { place } = file;
  return sourceFile(name, undefined, read, place?.kind === 'file' ? { kind: 'gzip', path: place.path } : undefined);
}

function fileOnDisk(path: string, name: string, size: number): SourceFile {
  const read = async function* () {
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) yield chunk as Buffer;
    } catch (error) {
      throw unreadableSource(path, error);
    }
  };
  const head = async (bytes: number) => {
    try {
      await using file = await open(path);
      const buffer = Buffer.alloc(Math.min(bytes, size));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw unreadableSource(path, error);
    }
  };
  return { ...sourceFile(name, size, read, { kind: 'file', path }), head };
}

function sourceFile(
  name: string,
  size: number | undefined,
  read: () => AsyncGenerator<Buffer>,
  place?: SourcePlace,
): SourceFile {
  const stream = () => Readable.from(read(), { objectMode: false });
  return {
    name,
    ...(size === undefined ? {} : { size }),
    ...(place === undefined ? {} : { place }),
    stream,
    async head(bytes) {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of read()) {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= bytes) break;
      }
      return Buffer.concat(chunks).subarray(0, bytes);
    },
  };
}

function isHidden(name: string): boolean {
  return name.startsWith('.') || name === '__MACOSX';
}

function isBinary(head: Buffer): boolean {
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  // The head may end inside a character: the last three bytes prove nothing.
  return !isUtf16 && (head.includes(0) || !isUtf8(head.subarray(0, Math.max(0, head.length - 3))));
}

function report(onProblem: SourceOptions['onProblem'], name: string, error: unknown): void {
  if (onProblem === undefined || !isExpected(error)) throw error;
  onProblem(name, error);
}

async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadableSource(path, error);
  }
}

async function inZip<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw damagedSource(name, error);
  }
}
