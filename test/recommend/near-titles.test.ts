import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogueOf } from '../../src/recommend/catalogue.ts';
import { nearTitles } from '../../src/recommend/near-titles.ts';
import { trackOf } from './tiny-world.ts';

const songs = [
  trackOf('Feels Like the First Time', 'Foreigner'),
  trackOf('Jóga', 'Björk'),
  trackOf('Владивосток 2000', 'Мумий Тролль'),
  trackOf('群青日和', '東京事変'),
  trackOf('첫 눈처럼 너에게 가겠다', 'AILEE'),
  trackOf("Don't Stop Me Now 🎸", 'Queen'),
  trackOf('Feels Like the First Time - 2008 Remaster', 'Foreigner'),
  trackOf('', ''),
];
const catalogue = catalogueOf(songs);
const titles = async (text: string, of = catalogue) => (await nearTitles(of, text, 3)).map(({ title }) => title);

describe('a misspelt song is found', () => {
  test.each([
    ['Foriegner - Feels like the frist time', 'Feels Like the First Time'],
    ['feels like first time', 'Feels Like the First Time'],
    ['Bjork - Joga', 'Jóga'],
    ['joga bjork', 'Jóga'],
    ['МУМИЙ ТРОЛЬ - владивосток', 'Владивосток 2000'],
    ['群青日', '群青日和'],
    ['눈처럼 너에게 가겠다', '첫 눈처럼 너에게 가겠다'],
    ['Queen - Dont Stop me Know', "Don't Stop Me Now 🎸"],
  ])('%s', async (text, title) => {
    expect((await titles(text))[0]).toBe(title);
  });
});

test('editions of one recording are suggested once, and nothing where nothing is near', async () => {
  expect(await titles('foreigner feels like the first time')).toEqual(['Feels Like the First Time']);
  expect(await titles('qqqq zzzz')).toEqual([]);
  expect(await titles('')).toEqual([]);
  expect(await titles('x', catalogueOf([]))).toEqual([]);
});

test('among thousands as near the best is first, then the most popular', async () => {
  const many = Array.from({ length: 5000 }, (_, i) => trackOf(`Night River ${i}`, 'Someone'));
  const found = await titles('Someone - Night Rivver', catalogueOf([...many, trackOf('Night Rivver', 'Someone')]));
  expect(found).toEqual(['Night Rivver', 'Night River 0', 'Night River 1']);
});

test('whatever a song is called, with a letter missing it is suggested', async () => {
  const name = fc.stringMatching(/^[a-zé\u0430-\u044f ]{8,30}$/).filter((text) => text.replaceAll(' ', '').length >= 8);
  await fc.assert(
    fc.asyncProperty(name, name, fc.nat(), async (title, artist, at) => {
      const wanted = trackOf(title, artist);
      const text = `${artist} - ${title}`;
      const cut = at % text.length;
      const near = await nearTitles(catalogueOf([...songs, wanted]), text.slice(0, cut) + text.slice(cut + 1), 1);
      expect(near).toEqual([wanted]);
    }),
  );
});
