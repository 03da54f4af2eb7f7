import { holdersCount, matrixOf, type PlaylistMatrix } from '../playlist-matrix.ts';
import {
  excludedBy,
  NO_ARTIST,
  NO_KNOWLEDGE,
  NOTHING,
  type Recommender,
  type RecommenderKind,
} from '../recommender.ts';
import { ScoreBoard } from '../score-board.ts';
import { CO_OCCURRENCE_DEFAULTS, openCoOccurrence } from './co-occurrence.ts';

export interface ArtistSettings {
  /** Weight of artists that stand in the same playlists as those of the seeds, against 1 for these themselves. */
  readonly company: number;
  /** Playlists added to an artist's own when a song's part in them is taken: songs of little known artists say little. */
  readonly smoothing: number;
  /** Artists that are looked at. */
  readonly artists: number;
}

export const ARTIST_DEFAULTS: ArtistSettings = { company: 0.3, smoothing: 5, artists: 300 };

export const artists: RecommenderKind = {
  name: 'artists',
  summary: 'More of the artists you listen to, and of those who stand beside them: reaches songs of no playlist.',
  fit: async () => NO_KNOWLEDGE,
  open: async ({ playlists, artistOf }) =>
    artistOf === undefined ? silent : openArtists(playlists, artistOf, ARTIST_DEFAULTS),
};

/** Where nobody knows who made what. */
const silent: Recommender = { candidates: async () => NOTHING, close: async () => {} };

/**
 * Songs through their primary artists. An artist's affinity is the seeds' weight of theirs x how many more of theirs a
 * playlist with one of theirs holds on average, plus company x their co-occurrence with the seeds' artists, each scaled to 1
 * for its best; a song takes the part of it that it has in the artist's places: (playlists + 1) / (places + smoothing).
 * `artistOf`: number of each row's artist, NO_ARTIST where unknown.
 */
export function openArtists(matrix: PlaylistMatrix, artistOf: Uint32Array, settings: ArtistSettings): Recommender {
  const { tracks } = matrix;
  let count = 0;
  for (let row = 0; row < artistOf.length; row++)
    if (artistOf[row] !== NO_ARTIST) count = Math.max(count, artistOf[row]! + 1);
  const byArtist = matrixByArtist(matrix, artistOf, count);
  const company = openCoOccurrence(byArtist, CO_OCCURRENCE_DEFAULTS);
  const { songStarts, songs } = songsByArtist(artistOf, count);
  const places = new Float64Array(count);
  for (let row = 0; row < tracks; row++) {
    if (artistOf[row] !== NO_ARTIST) places[artistOf[row]!]! += holdersCount(matrix, row);
  }
  const faithful = faithfulness(matrix, artistOf, count);
  const board = new ScoreBoard(tracks);
  const affinities = new ScoreBoard(count);
  return {
    async candidates(question, k) {
      const { seeds } = question;
      board.clear();
      affinities.clear();
      const own = new Map<number, number>();
      for (const { row, weight } of seeds) {
        const artist = artistOf[row];
        if (artist !== undefined && artist !== NO_ARTIST) own.set(artist, (own.get(artist) ?? 0) + weight);
      }
      if (own.size === 0) return NOTHING;
      const most = Math.max(...Array.from(own, ([artist, weight]) => weight * faithful[artist]!), 1e-9);
      for (const [artist, weight] of own) affinities.add(artist, (weight * faithful[artist]!) / most);
      const others = await company.candidates(
        { seeds: Array.from(own, ([row, weight]) => ({ row, weight })) },
        settings.artists,
      );
      const best = others.scores[0] ?? 1;
      for (const [at, artist] of others.rows.entries()) {
        affinities.add(artist, (settings.company * others.scores[at]!) / best);
      }
      const chosen = affinities.best(settings.artists, new Set());
      for (const [at, artist] of chosen.rows.entries()) {
        const share = chosen.scores[at]! / (places[artist]! + settings.smoothing);
        for (let song = songStarts[artist]!; song < songStarts[artist + 1]!; song++) {
          const row = songs[song]!;
          board.add(row, share * (holdersCount(matrix, row) + 1));
        }
      }
      return board.best(k, excludedBy(question));
    },
    close: () => company.close(),
  };
}

/** The same playlists with artists for tracks. Plain loops: 66 million places take 20 s otherwise. */
function matrixByArtist({ starts, rows }: PlaylistMatrix, artistOf: Uint32Array, count: number): PlaylistMatrix {
  const tokens = new Uint32Array(rows.length);
  for (let at = 0; at < rows.length; at++) tokens[at] = Math.min(artistOf[rows[at]!]!, count);
  const rowOf = new Int32Array(count + 1);
  for (let artist = 0; artist < count; artist++) rowOf[artist] = artist;
  rowOf[count] = -1;
  return matrixOf({ tokens, offsets: starts }, { rowOf, tokens: new Uint32Array(count) });
}

/** For each song of an artist in a playlist, how many more of theirs the playlist holds, on average over all their places; half a song added to everybody. */
function faithfulness({ playlists, starts, rows }: PlaylistMatrix, artistOf: Uint32Array, count: number): Float64Array {
  const more = new Float64Array(count);
  const places = new Float64Array(count);
  const here = new Uint32Array(count);
  for (let playlist = 0; playlist < playlists; playlist++) {
    const [from, to] = [starts[playlist]!, starts[playlist + 1]!];
    for (let at = from; at < to; at++) {
      const artist = artistOf[rows[at]!]!;
      if (artist !== NO_ARTIST) here[artist]!++;
    }
    for (let at = from; at < to; at++) {
      const artist = artistOf[rows[at]!]!;
      if (artist === NO_ARTIST || here[artist] === 0) continue;
      const songs = here[artist]!;
      more[artist]! += songs * (songs - 1);
      places[artist]! += songs;
      here[artist] = 0;
    }
  }
  return more.map((each, artist) => (each + 0.5) / (places[artist]! + 1));
}

/** Rows by artist, the more popular first. */
function songsByArtist(artistOf: Uint32Array, count: number): { songStarts: Uint32Array; songs: Uint32Array } {
  const songStarts = new Uint32Array(count + 1);
  for (let row = 0; row < artistOf.length; row++) if (artistOf[row] !== NO_ARTIST) songStarts[artistOf[row]! + 1]!++;
  for (let artist = 0; artist < count; artist++) songStarts[artist + 1]! += songStarts[artist]!;
  const songs = new Uint32Array(songStarts[count]!);
  const next = songStarts.slice(0, -1);
  for (let row = 0; row < artistOf.length; row++) {
    const artist = artistOf[row]!;
    if (artist === NO_ARTIST) continue;
    songs[next[artist]!] = row;
    next[artist]!++;
  }
  return { songStarts, songs };
}
