import { asError, isExpected } from '../base/errors.ts';
import { type JsonProblem, readJsonArray } from '../base/json-array.ts';
import type { SourceFile } from '../base/source-files.ts';
import { decodeText, readUtf8 } from '../base/text-encoding.ts';
import type { ReadContext, SkippedPlaylist } from './playlist-format.ts';

// One playlist as one JSON or XML text: 10,000 tracks are about 5 MB.
const MAX_BYTES = 128 * 1024 * 1024;

/** A small file's text, or why it cannot be had. */
export async function readWholeText(file: SourceFile, context: ReadContext): Promise<string | SkippedPlaylist> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of readUtf8(file.stream())) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BYTES) return { skipped: 'larger than 128 MB' };
    }
  } catch (error) {
    if (!isExpected(error)) throw error;
    context.noteProblem(file.name, error.why);
    return { skipped: 'cut short' };
  }
  return decodeText(Buffer.concat(chunks));
}

/** A small file's JSON, or why it cannot be had. */
export async function readWholeJson(
  file: SourceFile,
  context: ReadContext,
): Promise<{ value: unknown } | SkippedPlaylist> {
  const text = await readWholeText(file, context);
  if (typeof text !== 'string') return text;
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    context.noteProblem(file.name, asError(error).message);
    return { skipped: 'not JSON' };
  }
}

/**
 * Values of the list `playlists` in each file, however large; values that are no JSON, and files that end too early, as
 * what was skipped.
 */
export async function* readPlaylistValues(
  files: AsyncIterable<SourceFile>,
  context: ReadContext,
): AsyncGenerator<{ value: unknown } | SkippedPlaylist> {
  for await (const file of files) {
    const problems: SkippedPlaylist[] = [];
    const onProblem = ({ kind, why }: JsonProblem) => {
      problems.push({ skipped: kind === 'bad-item' ? 'not JSON' : 'cut short' });
      if (kind !== 'bad-item') context.noteProblem(file.name, why);
    };
    for await (const value of readJsonArray(file.stream(), { key: 'playlists', onProblem })) {
      yield* problems.splice(0);
      yield { value };
      await context.breathe();
    }
    yield* problems;
  }
}

/** `a/b/Summer mix.csv` -> `Summer mix`. */
export function fileStem(name: string): string {
  return name.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
}
