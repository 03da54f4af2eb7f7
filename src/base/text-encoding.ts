import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

/**
 * A text file's bytes as UTF-8 without byte order mark. UTF-16 is recognised by its mark, or by the zero bytes around
 * its first two characters, as Windows editors and PowerShell's `>` write it.
 */
export async function* readUtf8(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let first: Buffer | undefined = Buffer.alloc(0);
  let utf16: TextDecoder | undefined;
  for await (const bytesRead of bytes) {
    let chunk = Buffer.from(bytesRead.buffer, bytesRead.byteOffset, bytesRead.byteLength);
    if (first) {
      chunk = Buffer.concat([first, chunk]);
      first = chunk.length < 4 ? chunk : undefined;
      if (first) continue;
      utf16 = utf16Of(chunk);
      if (!utf16) chunk = withoutMark(chunk);
    }
    yield utf16 ? Buffer.from(utf16.decode(chunk, { stream: true })) : chunk;
  }
  if (first) yield withoutMark(first);
  if (utf16) yield Buffer.from(utf16.decode());
}

/** Bytes that should be UTF-8, read as Windows-1252 where they are not: a wrong letter is better than a lost row. */
export function decodeText(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : new TextDecoder('windows-1252').decode(bytes);
}

function utf16Of(head: Buffer): TextDecoder | undefined {
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0 && c !== 0 && d === 0)) return new TextDecoder('utf-16le');
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0 && c === 0 && d !== 0)) return new TextDecoder('utf-16be');
  return undefined;
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
