import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { findSong } from '../../src/recommend/find-song.ts';
import { readSongs } from '../../src/recommend/song-expression.ts';
import { trackOf } from './tiny-world.ts';

const songs = {
  africa: trackOf('Africa', 'TOTO'),
  lucky: trackOf('Get Lucky (feat. Pharrell Williams) - Radio Edit', 'Daft Punk', {
    artists: ['Daft Punk', 'Pharrell Williams'],
  }),
  remaster: trackOf('Africa - 2019 Remaster', 'TOTO'),
  feeling: trackOf('Feeling Good', 'Michael Bublé'),
  nina: trackOf('Nina Simone', 'Somebody'),
  war: trackOf('Love + War', 'Kwabs'),
  love: trackOf('Love', 'Kwabs'),
  dashes: trackOf('Live - Part 1 - Encore', 'Jay - Z'),
  hello: trackOf('Hello', 'Adele'),
  goodbye: trackOf('Goodbye', 'Feder'),
  both: trackOf('Hello Goodbye', 'The Beatles'),
  foreign: trackOf('Row', 'Elsewhere', { id: '17' }),
  oneTwo: trackOf('Two', 'One'),
  oneTwoThree: trackOf('Two + Three', 'One'),
  fourFive: trackOf('Five', 'Four', { id: 'four five' }),
  threeFourFive: trackOf('Five', 'Three + Four'),
};
const catalogue = catalogueOf(Object.values(songs));
const names = Object.keys(songs);

const found = (text: string) => {
  const row = findSong(catalogue, text)?.row;
  return row === undefined ? undefined : names[row];
};

const read = async (...words: string[]) => {
  const rows = await readSongs(catalogue, { words });
  return rows.map(({ row, weight }) => (weight < 0 ? `-${names[row]}` : names[row]!)).join(' ');
};

test.each([
  [songs.africa.id, 'africa'],
  [`spotify:track:${songs.remaster.id}`, 'remaster'],
  [`https://open.spotify.com/track/${songs.africa.id}?si=1`, 'africa'],
  ['17', 'foreign'],
  ['toto - africa', 'africa'],
  ['AFRICA – Toto', 'africa'],
  ['TOTO - Africa - 2019 Remaster', 'africa'],
  ['Africa!', 'africa'],
  ['Daft Punk - Get Lucky', 'lucky'],
  ['Pharrell Williams - Get Lucky', 'lucky'],
  ['Daft Punk, Pharrell Williams - Get Lucky', 'lucky'],
  ['Jay - Z - Live - Part 1 - Encore', 'dashes'],
  ['Nina Simone - Feeling Good', undefined],
  ['TOTO - ', undefined],
  ['', undefined],
])('one song by "%s"', (text, name) => {
  expect(found(text)).toBe(name);
});

describe('words', () => {
  test.each([
    [['TOTO', '-', 'Africa'], 'africa'],
    [['Hello', 'Goodbye'], 'both'],
    [['TOTO - Africa', 'Adele - Hello'], 'africa hello'],
    [['TOTO - Africa', 'Hello'], 'africa hello'],
    [[songs.hello.id, songs.goodbye.id], 'hello goodbye'],
    [['TOTO - Africa', 'Hello', 'Love + War'], 'africa hello war'],
    [['TOTO - Africa', '+', 'Adele - Hello', '-', 'Kwabs - Love'], 'africa hello -love'],
    [['TOTO', '-', 'Africa', '+', 'Hello'], 'africa hello'],
  ])('%j', async (words, meant) => {
    expect(await read(...words)).toBe(meant);
  });
});

describe('an expression', () => {
  test.each([
    ['TOTO - Africa + Adele - Hello', 'africa hello'],
    ['TOTO - Africa + Adele - Hello - Kwabs - Love', 'africa hello -love'],
    ['TOTO - Africa - Kwabs - Love + War', 'africa -war'],
    ['Jay - Z - Live - Part 1 - Encore - TOTO - Africa', 'dashes -africa'],
    ['Hello + Goodbye', 'hello goodbye'],
    [`${songs.africa.id} + ${songs.hello.id} - spotify:track:${songs.love.id}`, 'africa hello -love'],
    ['Kwabs - Love + War', 'war'],
  ])('%s', async (text, meant) => {
    expect(await read(text)).toBe(meant);
  });

  test('that can be read in two ways is refused with both and the options that are clear', async () => {
    await expect(read('One - Two + Three + Four - Five')).rejects.toThrow(
      expect.objectContaining({
        code: 'ambiguous-songs',
        why: 'It may be "One - Two" + "Three + Four - Five" or "One - Two + Three" + "Four - Five".',
        hint: expect.stringContaining('--minus'),
      }),
    );
  });

  test('takes nothing from a title without its artist, so that an unknown song stays unknown', async () => {
    await expect(read('Nina Simone - Feeling Good')).rejects.toThrow(
      expect.objectContaining({ code: 'unknown-track', hint: expect.stringContaining('Michael Bublé - Feeling Good') }),
    );
    await expect(read('Nina Simone', '-', 'Feeling Good')).rejects.toThrow(
      expect.objectContaining({ code: 'unknown-track' }),
    );
  });

  test('names the part that it does not know', async () => {
    await expect(read('TOTO - Africa + Adel - Helo')).rejects.toThrow(
      expect.objectContaining({
        message: 'No song "Adel - Helo" in the model.',
        hint: 'Did you mean "Adele - Hello"?',
      }),
    );
    await expect(read('TOTO - Africa', 'Adel - Helo')).rejects.toThrow(
      expect.objectContaining({ message: 'No song "Adel - Helo" in the model.' }),
    );
    await expect(read('TOTO - Africa - Adel - Helo')).rejects.toThrow(
      expect.objectContaining({ code: 'unknown-track', hint: expect.stringContaining('--minus') }),
    );
    await expect(read('qqqq zzzz')).rejects.toThrow(
      expect.objectContaining({ hint: 'Name it as "artist - title", or by its Spotify link.' }),
    );
    await expect(read('Africa', 'Love')).rejects.toThrow(
      expect.objectContaining({
        message: 'No song "Africa Love" in the model.',
        hint: expect.stringMatching(/^Did you mean .*\? For several songs, quote each/),
      }),
    );
  });

  test.each([['+'], [' '], ['-'], ['TOTO - Africa + - + Hello']])('cut short is an unknown song: %s', async (text) => {
    await expect(read(text)).rejects.toThrow(expect.objectContaining({ code: 'unknown-track' }));
  });

  test('of very many parts is refused', async () => {
    await expect(read(Array(50).fill('Hello').join(' + '))).rejects.toThrow(
      expect.objectContaining({ code: 'too-many-songs' }),
    );
  });
});

test('options name one song each, whatever signs it has', async () => {
  const rows = await readSongs(catalogue, { words: ['Hello'], plus: ['Kwabs - Love + War'], minus: ['TOTO - Africa'] });
  expect(rows.map(({ row, weight }) => [names[row], weight])).toEqual([
    ['hello', 1],
    ['war', 1],
    ['africa', -1],
  ]);
  await expect(readSongs(catalogue, { words: ['Hello'], minus: ['Nobody - Nothing'] })).rejects.toThrow(
    expect.objectContaining({ code: 'unknown-track' }),
  );
});
