import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import {
  carriesMarker,
  compareItems,
  type FoundItem,
  inBatches,
  newMarker,
  publicationDescription,
  publicationName,
  type WantedItem,
} from '../../src/music/publication.ts';

const date = new Date('2026-11-22T23:30:00Z');

describe('the name of a playlist', () => {
  test.each([
    ['Segue Weekly', 'UTC', 'Segue Weekly'],
    ['AI Generated Playlist - {date}', 'UTC', 'AI Generated Playlist - 22/11/2026'],
    // Half past eleven in London is the next day in Stockholm.
    ['Week of {date}', 'Europe/Stockholm', 'Week of 23/11/2026'],
    ['  two\nlines  ', 'UTC', 'two lines'],
    ['', 'UTC', 'Segue'],
  ])('%j in %s is %j', (template, zone, name) => {
    expect(publicationName(template, date, zone)).toBe(name);
  });

  test('is 1 to 100 characters on one line, whatever the template', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (template) => {
        const name = publicationName(template, date, 'UTC');
        expect([...name].length).toBeGreaterThan(0);
        expect([...name].length).toBeLessThanOrEqual(100);
        expect(name).not.toMatch(/[\r\n\t]/);
      }),
    );
  });
});

describe('the description', () => {
  test('is one non-empty line that ends in the marker, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 700 }), fc.integer(), (text, seed) => {
        const marker = newMarker(seededRandom(seed));
        const description = publicationDescription(text, date, 'UTC', marker);
        expect(description.endsWith(marker)).toBe(true);
        expect([...description].length).toBeLessThanOrEqual(300);
        expect(description).not.toMatch(/[\r\n\t]/);
        expect(carriesMarker(description, marker)).toBe(true);
      }),
    );
  });

  test('a marker is not found in the descriptions of others', () => {
    const random = seededRandom(1);
    const [mine, other] = [newMarker(random), newMarker(random)];
    expect(carriesMarker(publicationDescription('30 songs', date, 'UTC', other), mine)).toBe(false);
    expect(carriesMarker(null, mine)).toBe(false);
    // Letters that HTML escaping leaves alone.
    expect(mine).toMatch(/^segue-[0-9a-z]{12}$/);
  });
});

test('calls hold 100 songs each, and no songs are one call that empties the playlist', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 450 }), (rows) => {
      const batches = inBatches(rows, 100);
      expect(batches.flat()).toEqual(rows);
      expect(batches.length).toBe(Math.max(1, Math.ceil(rows.length / 100)));
      expect(batches.slice(0, -1).every((batch) => batch.length === 100)).toBe(true);
    }),
  );
});

describe('a playlist read back', () => {
  const song = (n: number): WantedItem => ({
    trackId: `track-${n}`,
    title: `Title ${n}`,
    artist: 'Band',
    isrc: `I${n}`,
  });
  const shown = (n: number): FoundItem => ({ trackId: `track-${n}`, recording: song(n) });
  const wanted = [0, 1, 2, 3].map(song);
  const same = { equal: true, relinked: [], gone: [], missing: [] };
  const different = { equal: false, relinked: [], gone: [], missing: [] };

  test('equals what was written only with every song in its place', () => {
    expect(compareItems(wanted, [0, 1, 2, 3].map(shown))).toEqual(same);
    expect(compareItems(wanted, [0, 1, 3, 2].map(shown)).equal).toBe(false);
    expect(compareItems(wanted, [0, 1, 2, 3, 4].map(shown))).toEqual(different);
    expect(compareItems(wanted, [0, 0, 1, 2, 3].map(shown))).toEqual(different);
    expect(compareItems([], [])).toEqual(same);
  });

  test('names the songs that lack a row', () => {
    expect(compareItems(wanted, [0, 2].map(shown))).toEqual({ ...different, missing: ['track-1', 'track-3'] });
    expect(compareItems(wanted, [])).toEqual({ ...different, missing: wanted.map((item) => item.trackId) });
  });

  test('takes another instance of the recording for the song, by ISRC or else by title and artist', () => {
    const other = { trackId: 'other', recording: { title: 'Title 1 - Remastered 2011', artist: 'Band' } };
    const relinked = [{ wanted: 'track-1', shown: 'other' }];
    expect(compareItems(wanted, [shown(0), other, shown(2), shown(3)])).toEqual({ ...same, relinked });
    const byIsrc = { trackId: 'other', recording: { title: 'Titel eins', artist: 'Band', isrc: 'I1' } };
    expect(compareItems(wanted, [shown(0), byIsrc, shown(2), shown(3)])).toEqual({ ...same, relinked });
    const another = { trackId: 'other', recording: { title: 'Title 1', artist: 'Band', isrc: 'I9' } };
    expect(compareItems(wanted, [shown(0), another, shown(2), shown(3)]).equal).toBe(false);
  });

  test('keeps the place of a song that is gone', () => {
    const found = [shown(0), { trackId: null }, shown(2), shown(3)];
    expect(compareItems(wanted, found)).toEqual({ ...same, gone: ['track-1'] });
  });
});
