import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { artistFamiliarity } from '../../src/recommend/artist-familiarity.ts';
import type { CatalogueTrack } from '../../src/recommend/catalogue.ts';
import { compose, type Familiar, type RankedCandidate } from '../../src/recommend/compose.ts';
import { describeEdition, describeMeasures } from '../../src/recommend/describe-edition.ts';
import { LAST_STANDING, standing, turnAdventurousness } from '../../src/recommend/dials.ts';
import { knownRecordings } from '../../src/recommend/known-recordings.ts';
import type { Ranking } from '../../src/recommend/recommender.ts';
import { cosineOf } from '../../src/recommend/song-distance.ts';
import { distanceFrom, tasteCentres } from '../../src/recommend/taste-centres.ts';
import { varied } from '../../src/recommend/vary.ts';
import { trackOf } from './tiny-world.ts';

const NOTHING_KNOWN: Familiar = {
  heard: knownRecordings(),
  liked: knownRecordings(),
  recommendedLately: knownRecordings(),
  unplayable: new Set(),
};

/**
 * Ten genres of 40 songs by eight artists each; vectors lie around their genre's axis. The listener hears artists 0 to 3
 * of genre 0. The later a genre, the rarer its songs; the ranking leans to the first ones.
 */
function genreWorld() {
  const random = seededRandom(5);
  const dimensions = 10;
  const songs = Array.from({ length: 400 }, (_, row) => ({ row, genre: Math.floor(row / 40), artist: row % 8 }));
  const values = Float32Array.from(
    songs.flatMap(({ genre }) =>
      Array.from({ length: dimensions }, (_, axis) => (axis === genre ? 1 : 0) + 0.5 * (random() - 0.5)),
    ),
  );
  const vectors = { dimensions, values };
  const track = (row: number): CatalogueTrack =>
    trackOf(`Song ${row}`, `Artist ${songs[row]!.genre} ${songs[row]!.artist}`);
  const listens = songs
    .filter(({ genre, artist }) => genre === 0 && artist < 4)
    .flatMap(({ row, artist }) => Array.from({ length: 4 - artist }, () => track(row)));
  const artists = artistFamiliarity(listens);
  const centres = tasteCentres(
    vectors,
    songs.filter(({ genre, artist }) => genre === 0 && artist < 4).map(({ row }) => ({ row, weight: 1 })),
  );
  const newness = {
    familiarityOf: (row: number) => artists.of(track(row).artists),
    distanceOf: distanceFrom(centres, vectors),
  };
  const order = songs
    .map(({ row, genre }) => ({ row, score: -genre + 12 * random() }))
    .sort((a, b) => b.score - a.score);
  const ranking: Ranking = {
    rows: Uint32Array.from(order, ({ row }) => row),
    scores: Float64Array.from(order, ({ score }) => score),
    parts: { own: Float64Array.from(order, ({ row }) => row) },
  };
  const candidates = ({ rows, scores }: Ranking): RankedCandidate[] =>
    Array.from(rows, (row, at) => ({ row, track: track(row), score: scores[at]!, recommender: 'test' }));
  const holders = Uint32Array.from(songs, ({ genre, row }) => 2 ** (10 - genre) - (row % 2));
  const measuring = { vectors, playlists: 4096, holders, artists };
  return { songs, vectors, artists, newness, ranking, candidates, measuring };
}

const world = genreWorld();
const DIAL = [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];

describe('adventurousness', () => {
  test('turned up, novelty and the share of artists never played rise, and popularity falls', () => {
    const editions = DIAL.map((a) => {
      const turned = turnAdventurousness(world.ranking, a, world.newness);
      const { items } = compose(world.candidates(turned), NOTHING_KNOWN, { length: 12, perArtist: 3 });
      return describeEdition(items, world.measuring);
    });
    for (const [at, edition] of editions.entries()) {
      const before = editions[at - 1] ?? edition;
      expect(edition.unheardArtists!).toBeGreaterThanOrEqual(before.unheardArtists!);
      expect(edition.novelty!).toBeGreaterThanOrEqual(before.novelty! - 0.15);
      expect(edition.popularity!).toBeLessThanOrEqual(before.popularity! + 0.03);
    }
    const [lowest, neutral, highest] = [editions[0]!, editions[4]!, editions[8]!];
    expect(lowest.unheardArtists).toBe(0);
    expect(highest.unheardArtists).toBe(1);
    expect(neutral.novelty! - lowest.novelty!).toBeGreaterThan(0.1);
    expect(highest.novelty! - neutral.novelty!).toBeGreaterThan(1.2);
    expect(highest.popularity!).toBeLessThan(neutral.popularity! - 0.1);
  });

  test('in the middle the ranking stays as it is; elsewhere what it was made of stays with its row', () => {
    expect(turnAdventurousness(world.ranking, 0.5, world.newness)).toBe(world.ranking);
    const turned = turnAdventurousness(world.ranking, 0.9, world.newness);
    expect([...turned.parts!.own!]).toEqual([...turned.rows]);
    const place = [...world.ranking.rows].indexOf(turned.rows[0]!);
    expect(turned.turned!.ranked![0]).toBe(world.ranking.scores[place]);
    expect(Object.keys(turned.turned!).sort()).toEqual(['distance', 'familiarity', 'ranked']);
    expect(Object.keys(turned.parts!)).toEqual(['own']);
  });

  test('whatever is known of the rows: the mean newness of the first k never falls as the dial is turned up', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const rows = fc.array(fc.record({ familiarity: unit, distance: fc.option(unit, { nil: undefined }) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(rows, unit, unit, fc.integer({ min: 1, max: 60 }), (known, one, other, k) => {
        const ranking: Ranking = {
          rows: Uint32Array.from(known, (_, row) => row),
          scores: Float64Array.from(known, (_, row) => -row),
        };
        const newness = {
          familiarityOf: (row: number) => known[row]!.familiarity,
          distanceOf: (row: number) => known[row]!.distance,
        };
        const newOf = (a: number) =>
          [...turnAdventurousness(ranking, a, newness).rows.subarray(0, k)]
            .map((row) => 2 * (1 - known[row]!.familiarity) + (known[row]!.distance ?? 0.5))
            .reduce((sum, each) => sum + each, 0);
        expect(newOf(Math.max(one, other))).toBeGreaterThanOrEqual(newOf(Math.min(one, other)) - 1e-9);
      }),
    );
  });

  test('at either end the artist decides, however the ranking stood', () => {
    const ranking: Ranking = { rows: Uint32Array.from([0, 1]), scores: Float64Array.from([1, 0]) };
    const first = (a: number, familiarities: number[], distances: number[]) =>
      turnAdventurousness(ranking, a, {
        familiarityOf: (row) => familiarities[row]!,
        distanceOf: (row) => distances[row],
      }).rows[0];
    expect(first(0, [0, 1], [0, 0.9])).toBe(1);
    expect(first(1, [1, 0], [0.9, 0])).toBe(1);
  });
});

test('standing falls from 1 to 0 whatever the scores are', () => {
  expect(standing(1)).toBe(1);
  expect(standing(LAST_STANDING)).toBe(0);
  expect(standing(10 * LAST_STANDING)).toBe(0);
  expect(standing(71)).toBeCloseTo(0.5, 2);
});

describe('variety', () => {
  test('turned up, songs are less alike; at 0 the order is the ranking', () => {
    const editionAt = (variety: number) =>
      compose(varied(world.candidates(world.ranking), { variety, vectors: world.vectors }), NOTHING_KNOWN, {
        length: 20,
        perArtist: 2,
      });
    const plain = compose(world.candidates(world.ranking), NOTHING_KNOWN, { length: 20, perArtist: 2 });
    expect(editionAt(0)).toEqual(plain);
    const measures = DIAL.map((variety) => describeEdition(editionAt(variety).items, world.measuring).variety!);
    for (const [at, variety] of measures.entries()) {
      expect(variety).toBeGreaterThanOrEqual((measures[at - 1] ?? 0) - 0.01);
    }
    expect(measures[4]! - measures[0]!).toBeGreaterThan(0.1);
    expect(measures[8]! - measures[0]!).toBeGreaterThan(0.15);
  });

  test('where clusters are known, it goes through them', () => {
    const flat = { dimensions: 1, values: new Float32Array(400).fill(1) };
    const clusterOf = (row: number) => world.songs[row]!.genre;
    const { items } = compose(
      varied(world.candidates(world.ranking), { variety: 0.7, vectors: flat, clusterOf }),
      NOTHING_KNOWN,
      { length: 10, perArtist: 2 },
    );
    expect(new Set(items.map(({ row }) => clusterOf(row))).size).toBe(10);
  });

  test('each pick is the best by the formula, of what no rule forbids', () => {
    const coordinate = fc.float({ min: -1, max: 1, noNaN: true });
    const song = fc.record({ artist: fc.nat(4), heard: fc.boolean(), at: fc.tuple(coordinate, coordinate) });
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(song, { maxLength: 25 }),
        unit,
        fc.integer({ min: 1, max: 10 }),
        (songs, variety, length) => {
          const vectors = { dimensions: 2, values: Float32Array.from(songs.flatMap(({ at }) => at)) };
          const candidates = songs.map(
            ({ artist }, row): RankedCandidate => ({
              row,
              track: trackOf(`Song ${row}`, `Artist ${artist}`),
              score: -row,
              recommender: 'test',
            }),
          );
          const heard = songs.flatMap((each, row) => (each.heard ? [row] : []));
          const familiar = {
            ...NOTHING_KNOWN,
            heard: knownRecordings(heard.map((row) => keyed(candidates[row]!.track))),
          };
          const { items } = compose(varied(candidates, { variety, vectors }), familiar, { length, perArtist: 2 });
          expect(items.map(({ row }) => row)).toEqual(plainPicks());

          function plainPicks(): number[] {
            const cosine = cosineOf(vectors);
            const picked: number[] = [];
            const allowed = (row: number) =>
              !picked.includes(row) &&
              !heard.includes(row) &&
              picked.filter((other) => songs[other]!.artist === songs[row]!.artist).length < 2;
            const value = (row: number) =>
              (1 - variety) * standing(row + 1) - variety * Math.max(0, ...picked.map((other) => cosine(row, other)));
            while (picked.length < length) {
              const left = candidates.map(({ row }) => row).filter(allowed);
              if (left.length === 0) break;
              picked.push(left.reduce((best, row) => (value(row) > value(best) ? row : best)));
            }
            return picked;
          }
        },
      ),
    );
  });

  test('what ranks lower than the 5,000th follows as it stands', () => {
    const many = Array.from(
      { length: LAST_STANDING + 3 },
      (_, row): RankedCandidate => ({ row, track: trackOf(`Song ${row}`, 'A'), score: -row, recommender: 'test' }),
    );
    const picks = [...varied(many.values(), { variety: 0.3, vectors: world.vectors })];
    expect(picks).toHaveLength(many.length);
    expect(picks.slice(LAST_STANDING)).toEqual(many.slice(LAST_STANDING));
  });
});

describe('familiarity', () => {
  test('n / (n + mean + 2), guests counted, the best-known artist of a song speaks', () => {
    const listens = [
      { artists: ['Röyksopp'] },
      { artists: ['ROYKSOPP', 'Robyn'] },
      { artists: ['Robyn'] },
      { artists: ['Robyn'] },
      { artists: ['Kate'] },
    ];
    const artists = artistFamiliarity(listens, ['Skipped']);
    // Six credits of three artists.
    expect(artists.of(['Robyn'])).toBe(3 / (3 + 2 + 2));
    expect(artists.of(['Nobody', 'royksopp'])).toBe(2 / (2 + 2 + 2));
    expect(artists.of(['Nobody'])).toBe(0);
    expect(artists.of([])).toBe(0);
    expect([artists.knows(['skipped']), artists.of(['Skipped']), artists.knows(['Nobody'])]).toEqual([true, 0, false]);
  });

  test('who never listened knows nobody', () => {
    const artists = artistFamiliarity([]);
    expect([artists.of(['A']), artists.knows(['A'])]).toEqual([0, false]);
  });
});

describe('centres of taste', () => {
  test('lie in the listener’s genres, not between them', () => {
    const { vectors, songs } = world;
    const centres = tasteCentres(
      vectors,
      songs.filter(({ genre }) => genre < 2).map(({ row }) => ({ row, weight: 1 })),
    );
    const distance = distanceFrom(centres, vectors);
    const meanOf = (genre: number) => {
      const own = songs.filter((song) => song.genre === genre).map(({ row }) => distance(row)!);
      return own.reduce((sum, each) => sum + each, 0) / own.length;
    };
    expect(meanOf(0)).toBeLessThan(0.15);
    expect(meanOf(1)).toBeLessThan(0.15);
    for (const genre of [2, 5, 9]) expect(meanOf(genre)).toBeGreaterThan(0.5);
  });

  test('without songs, or for a row without a vector, nothing is far or near', () => {
    const { vectors } = world;
    expect(distanceFrom(tasteCentres(vectors, []), vectors)(0)).toBeUndefined();
    const centres = tasteCentres(vectors, [
      { row: 3, weight: 1 },
      { row: 4000, weight: 1 },
    ]);
    expect(distanceFrom(centres, vectors)(4000)).toBeUndefined();
    expect(distanceFrom(centres, vectors)(3)).toBeCloseTo(0, 6);
  });
});

describe('measures', () => {
  const vectors = { dimensions: 2, values: Float32Array.from([1, 0, 0, 2, 3, 0, 0, 0]) };
  const holders = Uint32Array.from([512, 2, 2, 1]);
  const measuring = { vectors, playlists: 1024, holders, artists: artistFamiliarity([{ artists: ['Known'] }]) };
  const song = (row: number, artist: string) => ({ row, track: { artists: [artist] } });

  test('worked by hand', () => {
    const items = [song(0, 'Known'), song(1, 'New'), song(2, 'KNOWN'), song(3, 'Newer')];
    expect(describeEdition(items, measuring)).toEqual({
      novelty: (1 + 9 + 9 + 10) / 4,
      // Pairs: 0 and 1, 1 and 2 at right angles, 0 and 2 alike; row 3 has no vector.
      variety: 1 - 1 / 3,
      popularity: (0.5 + 0.5) / 2,
      unheardArtists: 2 / 3,
    });
  });

  test('nothing says nothing', () => {
    const empty = describeEdition([], measuring);
    expect(empty).toEqual({ novelty: null, variety: null, popularity: null, unheardArtists: null });
    expect(describeMeasures(empty)).toBe('');
    expect(describeEdition([song(0, 'Known')], measuring).variety).toBeNull();
  });

  test('in words, with those without the dials', () => {
    const chosen = { novelty: 11.23, variety: 0.624, popularity: 0.88, unheardArtists: 0.4 };
    const neutral = { novelty: 10.4, variety: 0.55, popularity: 0.92, unheardArtists: 0.2 };
    expect(describeMeasures(chosen, neutral)).toBe(
      'novelty 11.2 bits (10.4 without the dials), variety .62 (.55), more popular than 88 % of all songs (92 %), 40 % of artists never played (20 %)',
    );
    expect(describeMeasures({ ...chosen, variety: null })).toBe(
      'novelty 11.2 bits, more popular than 88 % of all songs, 40 % of artists never played',
    );
  });

  test('variety equals the mean over all pairs', () => {
    const rows = Array.from({ length: 30 }, (_, at) => at * 13);
    const cosine = cosineOf(world.vectors);
    const pairs = rows.flatMap((a, at) => rows.slice(0, at).map((b) => 1 - cosine(a, b)));
    const { variety } = describeEdition(
      rows.map((row) => song(row, 'A')),
      world.measuring,
    );
    expect(variety).toBeCloseTo(pairs.reduce((sum, each) => sum + each, 0) / pairs.length, 9);
  });
});

function keyed(track: CatalogueTrack) {
  return { id: track.id, recordingKey: `never|${track.id}` };
}
