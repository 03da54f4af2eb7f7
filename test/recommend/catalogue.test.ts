import { expect, test } from 'vitest';
import { catalogueLines, catalogueOf, parseCatalogue } from '../../src/recommend/catalogue.ts';
import { trackOf } from './tiny-world.ts';

const tracks = [
  trackOf('Song', 'A', { isrc: 'SE0000000001' }),
  trackOf('Line\nbreak "quoted"', 'Björk'),
  trackOf('Song - Remastered 2011', 'A', { id: 'later', isrc: 'SE0000000001' }),
];

test('what is written is what is read', () => {
  const text = [...catalogueLines(tracks)].map((line) => `${line}\n`).join('');
  expect(parseCatalogue(text, 3)).toEqual(tracks);
  expect(parseCatalogue('', 0)).toEqual([]);
});

test.each([
  ['a line too few', '{"id":"a","title":"b","artists":[]}\n', 2],
  ['not JSON', '{"id":"a"', 1],
  ['not a track', '{"id":"a","title":5,"artists":[]}\n', 1],
])('refuses %s', (_, text, rows) => {
  expect(() => parseCatalogue(text, rows)).toThrow(expect.objectContaining({ code: 'model-damaged' }));
});

test('of several editions the most frequent row is found', () => {
  const catalogue = catalogueOf(tracks);
  expect(catalogue.rowOfId('later')).toBe(2);
  expect(catalogue.rowOfIsrc('SE0000000001')).toBe(0);
  expect(catalogue.rowOfRecording('a|song')).toBe(0);
  expect([catalogue.rowOfId('x'), catalogue.rowOfIsrc('x'), catalogue.rowOfRecording('x')]).toEqual([-1, -1, -1]);
});
