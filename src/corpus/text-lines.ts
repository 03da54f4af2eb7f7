import { isExpected } from '../base/errors.ts';
import type { SourceFile } from '../base/source-files.ts';
import { decodeText, readUtf8 } from '../base/text-encoding.ts';
import { parseTrackId } from '../music/track.ts';
import type { PlaylistFormat, ReadContext, SkippedPlaylist } from './playlist-format.ts';
import { scanFiles } from './scan-files.ts';
import { readTextLine } from './text-line.ts';

const NEWLINE = 0x0a;
const MAX_LINE_BYTES = 32 * 1024 * 1024;

/**
 * A text corpus: one playlist a line, ids, URIs or links with white space between them, as gensim's `corpus_file` and
 * LineSentence read it. `read` is the plain reading and the truth; `readInto` must give the same corpus.
 */
export const textLines: PlaylistFormat = {
  name: 'text',
  detect: (head) => {
    // The head may end inside a line. Nine words of ten must be tracks: an article about songs is no list of them.
    const lines = head
      .replace(/^\ufeff/, '')
      .split('\n')
      .slice(0, 100);
    const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
    const words = whole.map((line) => line.split(/\s+/).filter((word) => word !== ''));
    const all = words.flat();
    const tracks = all.filter((word) => parseTrackId(word) !== undefined).length;
    // Links pasted one below the other are one list, and not in the shape that this is about.
    return tracks > 0 && tracks >= all.length * 0.9 && words.some((line) => line.length > 1);
  },
  async *read(files, context) {
    for await (const file of files) {
      for await (const line of readLines(file, context)) {
        const item = typeof line === 'string' ? readTextLine(line, context.noteTracks) : line;
        if (item !== undefined) yield item;
      }
    }
  },
  readInto: (files, context, writer) => scanFiles('lines', files, context, writer),
};

/** The lines of a file, or why there are no more of them. */
async function* readLines(file: SourceFile, context: ReadContext): AsyncGenerator<string | SkippedPlaylist> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of readUtf8(file.stream())) {
      let text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE)) {
        yield decodeText(text.subarray(0, end));
        text = text.subarray(end + 1);
      }
      rest = text;
      if (rest.length > MAX_LINE_BYTES) {
        context.noteProblem(file.name, 'a playlist of more than 32 MB, most likely a missing line end');
        yield { skipped: 'cut short' };
        return;
      }
      await context.breathe();
    }
  } catch (error) {
    if (!isExpected(error)) throw error;
    context.noteProblem(file.name, error.why);
    yield { skipped: 'cut short' };
    return;
  }
  if (rest.length > 0) yield decodeText(rest);
}
