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
 * The unpacked bytes at a place, as `stream` of the SourceFile gives them and with its errors.
 */
export async function* readPlace(place: SourcePlace, name: string): AsyncGenerator<Buffer> {
  if (place.kind === 'zip-entry') yield* readZipEntry(place, name);
  else if (place.kind === 'gzip')
    yield* unpacked(createReadStream(place.path), createGunzip({ chunkSize: CHUNK }), name);
  else {
    const file = openBytes(place.path);
    try {
      for (;;) {
        const bytes = Buffer.allocUnsafe(CHUNK);
        const read = file.read(bytes);
        if (read === 0) return;
        yield bytes.subarray(0, read);
      }
    } finally {
      file.close();
    }
  }
}

/** The bytes of a plain file, for a thread that may wait for the disk. */
export interface FileBytes {
  /** Puts the next bytes into `target` and says how many there were; 0 at the end. */
  read(target: Uint8Array): number;
  close(): void;
}

/** Opens a plain file, from byte `from` up to `to`. Throws ExpectedError `source-not-found`, `source-not-readable`; `read` too. */
export function openBytes(path: string, { from = 0, to = Number.POSITIVE_INFINITY } = {}): FileBytes {
  const onDisk = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw unreadableSource(path, error);
    }
  };
  const file = onDisk(() => openSync(path, 'r'));
  let at = from;
  return {
    read(target) {
      const read = onDisk(() => readSync(file, target, 0, Math.min(target.length, to - at), at));
      at += read;
      return read;
    },
    close: () => closeSync(file),
  };
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
