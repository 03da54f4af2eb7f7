import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folderWith, id, readAll, readWays } from './read-fixture.ts';

const link = (n: number) => `https://open.spotify.com/track/${id(n)}?si=abc`;

describe('a text corpus', () => {
  test('is one playlist a line, of ids, URIs and links; the rest is counted', async () => {
    const text = [
      `${id(1)} spotify:track:${id(2)}\t${link(3)}`,
      '',
      `  ${id(1)}  word  ${id(4)}\r`,
      'no track at all',
      `spotify:episode:${id(5)} ${id(6)}`,
    ].join('\n');
    await using folder = await folderWith({ 'lists.txt': text });
    const { formats, playlists, skipped, trackNotes } = await readAll(folder.path);
    expect(formats).toEqual([]);
    const more = `${Array.from({ length: 60 }, () => id(9)).join(' ')}\n${text}`;
    await using large = await folderWith({ 'lists.txt': more });
    const read = await readAll(large.path);
    expect(read.formats).toEqual(['text']);
    expect(read.playlists.slice(1).map(({ tracks }) => tracks.map((track) => track.id))).toEqual([
      [id(1), id(2), id(3)],
      [id(1), id(4)],
      [id(6)],
    ]);
    expect([playlists, skipped, trackNotes]).toEqual([[], {}, {}]);
    expect(read.skipped).toEqual({ 'no tracks': 1 });
    expect(read.trackNotes).toEqual({ 'names no track': 2 });
  });

  test.each([
    ['an article with a link', `Hear this: ${link(1)}\nand that\n`],
    ['links pasted one below the other', `${link(1)}\n${link(2)}\n${link(3)}\n`],
    ['words', 'the quick brown fox\njumps over\n'],
    ['nothing', '\n\n'],
  ])('is not %s', async (_, text) => {
    await using folder = await folderWith({ 'a.txt': text });
    expect((await readAll(folder.path)).formats).toEqual([]);
  });

  test('is found by its content only where no other format knows the file', async () => {
    await using folder = await folderWith({
      'list.m3u8': `${link(1)} ${link(2)}\n`,
      'list.csv': 'playlist_id,track_id\n1,a\n',
      'corpus.txt': `${id(1)} ${id(2)}`,
    });
    expect((await readAll(folder.path)).formats).toEqual(['pair-table', 'm3u', 'text']);
  });

  test('is read fast as it is read plainly, whatever its lines', async () => {
    const word = fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: 0, max: 30 }).map(id) },
      fc.integer({ min: 0, max: 30 }).map((n) => `spotify:track:${id(n)}`),
      fc.integer({ min: 0, max: 30 }).map(link),
      fc.constantFrom(
        id(1).slice(1),
        `${id(1)}x`,
        '-'.repeat(22),
        'spotify:track:',
        '\u00e9',
        '\u0000',
        id(2).slice(0, 21),
      ),
      fc.string({ unit: 'binary', maxLength: 25 }).map((text) => text.replaceAll('\n', '')),
    );
    const space = fc.constantFrom(' ', '  ', '\t', ' \r', '\u00a0', '\u3000', '\v', '\f');
    const line = fc
      .array(fc.tuple(word, space), { maxLength: 8 })
      .map((words) => words.map((parts) => parts.join('')).join(''));
    const known = `${Array.from({ length: 40 }, (_, n) => id(n)).join(' ')}\n`.repeat(8);
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), fc.boolean(), async (lines, isEnded) => {
        await using folder = await folderWith({ 'a.txt': `${known}${lines.join('\n')}${isEnded ? '\n' : ''}` });
        const [plain, fast] = await readWays(folder.path, [{ isPlain: true }, {}]);
        expect(fast).toEqual(plain);
      }),
      { numRuns: 30 },
    );
  });
});
