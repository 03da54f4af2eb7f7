import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip, createInflateRaw } from 'node:zlib';
import { asError } from './errors.ts';
import { damagedSource, unreadableSource } from './source-errors.ts';

/** Where the bytes of one file of a source lie on the disk, so that another thread can read it by itself. */
export type SourcePlace = { readonly kind: 'file' | 'gzip'; readonly path: string } | ZipEntryPlace;

interface ZipEntryPlace {
  readonly kind: 'zip-entry';
  readonly path: string;
  /** Where its local header begins. */
  readonly header: number;
  readonly isDeflated: boolean;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly crc32: number;
}

const CHUNK = 512 * 1024;
const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = 0x04034b50;

/**
 * The unpacked bytes at a place, as `stream` of the SourceFile gives them and with its errors. Made for worker threads: the
 * thread waits for the disk, and the next chunk may lie where the last one did. `from`: where to begin in a plain file.
 */
export async function* readPlace(place: SourcePlace, name: string, from = 0): AsyncGenerator<Buffer> {
  if (place.kind === 'zip-entry') yield* readZipEntry(place, name);
  else if (place.kind === 'file') yield* readFile(place.path, from);
  else yield* unpacked(createReadStream(place.path), createGunzip({ chunkSize: CHUNK }), name);
}

function* readFile(path: string, from: number): Generator<Buffer> {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const buffer = Buffer.allocUnsafeSlow(CHUNK);
    for (let at = from; ; ) {
      const read = readSync(file, buffer, 0, CHUNK, at);
      if (read === 0) return;
      at += read;
      yield buffer.subarray(0, read);
    }
  } catch (error) {
    throw unreadableSource(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function* readZipEntry(place: ZipEntryPlace, name: string): AsyncGenerator<Buffer> {
  try {
    const { path, packedBytes, bytes } = place;
    const start = findEntryData(place);
    const packed = () => createReadStream(path, { start, end: start + packedBytes - 1, highWaterMark: CHUNK });
    let sum = 0;
    let length = 0;
    // A stream that ends before it starts would be all of the file.
    const chunks =
      packedBytes === 0
        ? []
        : place.isDeflated
          ? unpacked(packed(), createInflateRaw({ chunkSize: CHUNK }), name)
          : packed();
    for await (const chunk of chunks) {
      sum = crc32(chunk, sum);
      length += chunk.length;
      if (length > bytes) throw new Error(`too many bytes in the stream. expected ${bytes}. got at least ${length}`);
      yield chunk as Buffer;
    }
    if (length < bytes) throw new Error(`not enough bytes in the stream. expected ${bytes}. got only ${length}`);
    if (sum !== place.crc32) throw new Error('its checksum does not match');
  } catch (error) {
    throw damagedSource(name, error);
  }
}

/** Where the packed bytes begin: after a header that has the name and fields of its own length once more. */
function findEntryData({ path, header, packedBytes }: ZipEntryPlace): number {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(LOCAL_HEADER_BYTES);
    readSync(file, bytes, 0, LOCAL_HEADER_BYTES, header);
    if (bytes.readUInt32LE(0) !== LOCAL_HEADER) throw new Error('an entry does not begin where the list says');
    const start = header + LOCAL_HEADER_BYTES + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
    if (start + packedBytes > fstatSync(file).size) throw new Error('file data overflows file bounds');
    return start;
  } finally {
    closeSync(file);
  }
}

async function* unpacked(
  packed: Readable,
  unpacker: ReturnType<typeof createGunzip>,
  name: string,
): AsyncGenerator<Buffer> {
  const fed = pipeline(packed, unpacker).catch((error: unknown) => unpacker.destroy(asError(error)));
  try {
    for await (const chunk of unpacker) yield chunk as Buffer;
  } catch (error) {
    throw damagedSource(name, error);
  } finally {
    unpacker.destroy();
    await fed;
  }
}
