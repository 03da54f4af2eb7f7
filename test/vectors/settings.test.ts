import { expect, test } from 'vitest';
import { readSettings } from '../../src/vectors/settings.ts';

test.each([
  ['none named', 0, 0, 60, 0.00003],
  ['forty tracks', 1440, 40, 60, 1 / 40],
  ['the bundled playlists', 98_612, 42_385, 60, 0.00003],
  ['13 million tokens', 13_146_336, 786_691, 11, 0.00003],
  ['the Million Playlist Dataset', 66_346_428, 2_262_292, 5, 0.00003],
])('defaults go by the size of the corpus: %s', (_, tokens, tracks, epochs, subsampling) => {
  expect(readSettings({}, { tokens, tracks })).toMatchObject({ epochs, subsampling });
  expect(readSettings({ epochs: 7, subsampling: 0 }, { tokens, tracks })).toMatchObject({ epochs: 7, subsampling: 0 });
});

test('what is wrong is named', () => {
  for (const wrong of [{ epochs: 0 }, { bogus: 1 }, 'cbow', null]) {
    expect(() => readSettings(wrong)).toThrow(expect.objectContaining({ code: 'bad-settings' }));
  }
});
