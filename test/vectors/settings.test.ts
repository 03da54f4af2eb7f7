import { expect, test } from 'vitest';
import { readSettings } from '../../src/vectors/settings.ts';

test.each([
  ['none named', 0, 0, { epochs: 60, subsampling: 0.00003, dimensions: 64, negativeExponent: 0 }],
  ['forty tracks', 1440, 40, { epochs: 60, subsampling: 1 / 40 }],
  ['the bundled playlists', 98_612, 42_385, { epochs: 60, subsampling: 0.00003, dimensions: 64 }],
  ['below the limit of large ones', 2_999_999, 400_000, { epochs: 50, subsampling: 0.00003, dimensions: 64 }],
  ['13 million tokens', 13_146_336, 786_691, { epochs: 2, subsampling: 0, dimensions: 100, negativeExponent: 0.5 }],
  ['the Million Playlist Dataset', 66_346_428, 2_262_292, { epochs: 2, subsampling: 0, dimensions: 100 }],
])('defaults go by the size of the corpus: %s', (_, tokens, tracks, expected) => {
  expect(readSettings({}, { tokens, tracks })).toMatchObject({ ...expected, learningRate: 0.1 });
  const own = { epochs: 7, subsampling: 0.5, dimensions: 12, negativeExponent: 1 };
  expect(readSettings(own, { tokens, tracks })).toMatchObject(own);
});

test('what is wrong is named', () => {
  for (const wrong of [{ epochs: 0 }, { bogus: 1 }, 'cbow', null]) {
    expect(() => readSettings(wrong)).toThrow(expect.objectContaining({ code: 'bad-settings' }));
  }
});
