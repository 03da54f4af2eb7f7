import { openSource } from '../base/source-files.ts';
import { readUtf8 } from '../base/text-encoding.ts';
import { damagedVectors } from './damaged-vectors.ts';
import { decodeToken } from './vector-rows.ts';

/**
 * Occurrences of each token, from the vocabulary file that word2vec.c (-save-vocab) and gensim (fvocab) write: a line a
 * token, the number last. Throws ExpectedError `vectors-damaged` with the line.
 */
export async function readTokenCounts(path: string, signal: AbortSignal): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let line = 0;
  const add = (bytes: Buffer): void => {
    line++;
    const text = decodeToken(bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes);
    const [, token, count] = /^(.*\S)[ \t]+(\d{1,15})[ \t]*$/.exec(text) ?? [];
    if (token === undefined && text.trim() !== '')
      throw damagedVectors(
        path,
        `Line ${line} (${JSON.stringify(text.slice(0, 40))}) is no token with its count behind it`,
      );
    if (token !== undefined && !counts.has(token)) counts.set(token, Number(count));
  };
  for await (const file of openSource(path)) {
    let rest = Buffer.alloc(0);
    for await (const chunk of readUtf8(file.stream())) {
      signal.throwIfAborted();
      const bytes = Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
        add(bytes.subarray(start, end));
        start = end + 1;
      }
      rest = bytes.subarray(start);
    }
    if (rest.length > 0) add(rest);
  }
  return counts;
}
