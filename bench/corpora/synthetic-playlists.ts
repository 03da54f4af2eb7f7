import { type Random, seededRandom } from '../../src/base/random.ts';
import type { TokenSequences } from '../../src/vectors/vocabulary.ts';

// Playlists with a structure that vectors can learn and a popularity that they must not mistake for it: tracks belong to
// artists, artists to scenes of some 30, scenes to genres. A playlist mixes one to three genres, keeps to one scene of
// each for the greater part, and lets artists come in runs.

export interface SyntheticShape {
  readonly playlists: number;
  /** Tracks that exist; those nobody put into a playlist are not in the corpus. */
  readonly tracks: number;
  readonly genres: number;
}

/** The sizes of the study that the benches repeat: 1.25 M tokens of 204 k tracks, 13.2 M of 782 k, 66.4 M of 2.26 M. */
export const SYNTHETIC_SHAPES = {
  S: { playlists: 18_900, tracks: 425_000, genres: 60 },
  M: { playlists: 199_500, tracks: 1_150_000, genres: 100 },
  L: { playlists: 1_000_000, tracks: 3_450_000, genres: 150 },
} satisfies Record<string, SyntheticShape>;

/** A share of a shape: fewer playlists of fewer tracks, as long and as alike as the whole. */
export function shrunk(shape: SyntheticShape, share: number): SyntheticShape {
  return {
    playlists: Math.max(50, Math.round(shape.playlists * share)),
    tracks: Math.max(1000, Math.round(shape.tracks * share)),
    genres: Math.max(5, Math.round(shape.genres * Math.sqrt(share))),
  };
}

const TRACKS_PER_ARTIST = 8;
const ARTISTS_PER_SCENE = 30;
/**
 * Zipf-Mandelbrot of artists, (rank + 300)^-1.8, and of the tracks of one artist, (rank + 3)^-2.2: with these, a third or more of
 * the tracks come once and the best known is in 4 % of the playlists, as in the Million Playlist Dataset (47 %, 4.6 %).
 */
const ARTIST_SHIFT = 300;
const ARTIST_EXPONENT = 1.8;
const TRACK_SHIFT = 3;
const TRACK_EXPONENT = 2.2;
/** Of the runs of a playlist: how many come from anywhere by popularity, and how many of the others from its scenes. */
const STRAY_SHARE = 0.08;
const SCENE_SHARE = 0.65;
/** Chance that one more track of the same artist follows: runs of 1.7 on average. */
const RUN_CHANCE = 0.4;
/** The Million Playlist Dataset has 5 to 250 tracks a playlist, 66 on average, half of them below 49. */
const SHORTEST = 5;
const LONGEST = 250;
const MEDIAN_LENGTH = 53;
const LENGTH_SIGMA = 0.9;

/** Who made what and how often it is played, as arrays: artists lie by scene, scenes by genre, tracks by artist. */
interface Catalogue {
  /** First artist of each scene and genre, first track of each artist; one entry more than there are. */
  readonly artistsOfScene: Uint32Array;
  readonly artistsOfGenre: Uint32Array;
  readonly tracksOfArtist: Uint32Array;
  readonly sceneOfArtist: Uint32Array;
  /** Running sums of weights, one entry more than there are: a draw is a binary search. */
  readonly artistWeights: Float64Array;
  readonly trackWeights: Float64Array;
  readonly genreWeights: Float64Array;
}

export interface SyntheticPlaylists extends TokenSequences {
  /** Number of each token's artist. */
  readonly artistOf: Uint32Array;
}

/** The same shape and seed give the same playlists. No track comes twice in one; each playlist is a group of its own. */
export function synthesizePlaylists(shape: SyntheticShape, seed: number): SyntheticPlaylists {
  const random = seededRandom(seed);
  const catalogue = synthesizeCatalogue(shape, random);
  const offsets = drawOffsets(shape.playlists, random);
  const tokens = new Uint32Array(new SharedArrayBuffer(offsets[shape.playlists]! * 4));
  const lastPlaylist = new Uint32Array(catalogue.trackWeights.length - 1);
  for (let playlist = 0; playlist < shape.playlists; playlist++) {
    fillPlaylist(catalogue, tokens, offsets[playlist]!, offsets[playlist + 1]!, lastPlaylist, playlist + 1, random);
  }
  const numberOf = renumber(tokens, lastPlaylist.length, random);
  return { tokens, offsets, artistOf: artistsByNumber(catalogue, numberOf) };
}

function synthesizeCatalogue({ tracks, genres }: SyntheticShape, random: Random): Catalogue {
  const artists = Math.max(genres, Math.round(tracks / TRACKS_PER_ARTIST));
  const scenes = Math.max(genres, Math.round(artists / ARTISTS_PER_SCENE));
  // Each genre has one scene at least; the others fall to genres by size, (rank + 3)^-1.
  const genreSums = runningSums(genres, (genre) => 1 / (genre + 3));
  const genreOfScene = Uint32Array.from({ length: scenes }, (_, scene) =>
    scene < genres ? scene : draw(genreSums, 0, genres, random),
  ).sort();
  // The artist of rank r lands in any scene, so that every scene has its few known and many unknown.
  const sceneOfRank = Uint32Array.from({ length: artists }, (_, rank) =>
    rank < scenes ? rank : Math.floor(random() * scenes),
  );
  shuffle(sceneOfRank, random);
  const rankOf = Uint32Array.from({ length: artists }, (_, rank) => rank).sort(
    (a, b) => sceneOfRank[a]! - sceneOfRank[b]! || a - b,
  );
  const sceneOfArtist = rankOf.map((rank) => sceneOfRank[rank]!);
  const artistsOfScene = firstOfEach(sceneOfArtist, scenes);
  const artistsOfGenre = firstOfEach(
    sceneOfArtist.map((scene) => genreOfScene[scene]!),
    genres,
  );
  // The well known have made more: tracks grow as the square root of what an artist weighs.
  const sizes = runningSums(artists, (at) => (rankOf[at]! + ARTIST_SHIFT) ** (-ARTIST_EXPONENT / 2));
  const spare = tracks - artists;
  const tracksOfArtist = Uint32Array.from(sizes, (sum, at) => at + Math.round((sum / sizes[artists]!) * spare));
  let artist = 0;
  return {
    artistsOfScene,
    artistsOfGenre,
    tracksOfArtist,
    sceneOfArtist,
    artistWeights: runningSums(artists, (at) => (rankOf[at]! + ARTIST_SHIFT) ** -ARTIST_EXPONENT),
    trackWeights: runningSums(tracks, (track) => {
      while (track >= tracksOfArtist[artist + 1]!) artist++;
      return (track - tracksOfArtist[artist]! + TRACK_SHIFT) ** -TRACK_EXPONENT;
    }),
    genreWeights: genreSums,
  };
}

/** Where each playlist begins: lengths are log-normal, drawn again where they fall outside of the dataset's. */
function drawOffsets(playlists: number, random: Random): Uint32Array {
  const offsets = new Uint32Array(playlists + 1);
  for (let playlist = 0; playlist < playlists; playlist++) {
    let length = 0;
    while (length < SHORTEST || length > LONGEST) {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      length = Math.round(MEDIAN_LENGTH * Math.exp(LENGTH_SIGMA * normal));
    }
    offsets[playlist + 1] = offsets[playlist]! + length;
  }
  return offsets;
}

function fillPlaylist(
  catalogue: Catalogue,
  tokens: Uint32Array,
  from: number,
  to: number,
  lastPlaylist: Uint32Array,
  playlist: number,
  random: Random,
): void {
  const { artistsOfScene, artistsOfGenre, artistWeights, tracksOfArtist, trackWeights, sceneOfArtist } = catalogue;
  const artists = artistWeights.length - 1;
  const tastes = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const genre = draw(catalogue.genreWeights, 0, artistsOfGenre.length - 1, random);
    const [first, end] = [artistsOfGenre[genre]!, artistsOfGenre[genre + 1]!];
    return { first, end, scene: sceneOfArtist[draw(artistWeights, first, end, random)]! };
  });
  let at = from;
  while (at < to) {
    const { first, end, scene } = tastes[Math.floor(random() * tastes.length)]!;
    const where = random();
    let artist: number;
    if (where < STRAY_SHARE) artist = draw(artistWeights, 0, artists, random);
    else if (random() < SCENE_SHARE)
      artist = draw(artistWeights, artistsOfScene[scene]!, artistsOfScene[scene + 1]!, random);
    else artist = draw(artistWeights, first, end, random);
    do {
      const track = draw(trackWeights, tracksOfArtist[artist]!, tracksOfArtist[artist + 1]!, random);
      if (lastPlaylist[track] === playlist) break;
      lastPlaylist[track] = playlist;
      tokens[at++] = track;
    } while (at < to && random() < RUN_CHANCE);
  }
}

/** Tokens in no order at all: neighbours in number must not be neighbours in taste. Returns the number of each track. */
function renumber(tokens: Uint32Array, tracks: number, random: Random): Uint32Array {
  const number = Uint32Array.from({ length: tracks }, (_, track) => track);
  shuffle(number, random);
  for (let at = 0; at < tokens.length; at++) tokens[at] = number[tokens[at]!]!;
  return number;
}

function artistsByNumber({ tracksOfArtist }: Catalogue, numberOf: Uint32Array): Uint32Array {
  const artistOf = new Uint32Array(numberOf.length);
  for (let artist = 0; artist + 1 < tracksOfArtist.length; artist++) {
    for (let track = tracksOfArtist[artist]!; track < tracksOfArtist[artist + 1]!; track++) {
      artistOf[numberOf[track]!] = artist;
    }
  }
  return artistOf;
}

function runningSums(length: number, weight: (at: number) => number): Float64Array {
  const sums = new Float64Array(length + 1);
  for (let at = 0; at < length; at++) sums[at + 1] = sums[at]! + weight(at);
  return sums;
}

/** One of [from, to) in proportion to its weight. */
function draw(sums: Float64Array, from: number, to: number, random: Random): number {
  const wanted = sums[from]! + random() * (sums[to]! - sums[from]!);
  let low = from;
  let high = to - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle + 1]! > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** `keys` rise from 0 to below `count`: where each key begins, and the end. */
function firstOfEach(keys: Uint32Array, count: number): Uint32Array {
  const first = new Uint32Array(count + 1);
  for (const key of keys) first[key + 1]!++;
  for (let key = 0; key < count; key++) first[key + 1]! += first[key]!;
  return first;
}

function shuffle(values: Uint32Array, random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = values[last]!;
    values[last] = values[other]!;
    values[other] = kept;
  }
}
