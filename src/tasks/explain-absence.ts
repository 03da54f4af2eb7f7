import { type CatalogueTrack, keyOf } from '../recommend/catalogue.ts';
import { findSong, unknownSong } from '../recommend/find-song.ts';
import { rowsOfRecording } from '../recommend/heard-songs.ts';
import { identityOf, knownRecordings } from '../recommend/known-recordings.ts';
import { matchSeeds, seedRows } from '../recommend/matching.ts';
import { columnsAt } from '../recommend/recommender.ts';
import type { Seed } from '../recommend/seeds.ts';
import { sharesOf } from '../recommend/shares.ts';
import type { Store } from '../store/connect.ts';
import type { EditionContents } from '../store/editions.ts';
import { type HeardTrack, heardTracks } from '../store/plays.ts';
import type { RecommenderKeeper } from './kept-recommenders.ts';
import type { OpenRecommenders } from './open-recommenders.ts';

/** What kept a song out of an edition. */
export interface Absence {
  readonly track: CatalogueTrack;
  /** Its place in the edition, from 0, where it is in it after all. */
  readonly position: number | null;
  /** The rule that left it out; null: none did. Songs that were heard never have a turn. */
  readonly rule: string | null;
  /** How often it was heard, under any id, and when last; null: never. */
  readonly heard: { readonly plays: number; readonly lastPlayedAt: Date } | null;
  /** Where the recommenders, asked again for the edition's seeds, have it; null: not among their candidates. */
  readonly ranking: {
    /** From 1. */
    readonly place: number;
    readonly score: number;
    /** By member, as in the edition; empty where song vectors alone recommend. */
    readonly shares: { readonly [member: string]: number };
    /** With each member, from 1; 0: not among its candidates. */
    readonly places: { readonly [member: string]: number };
  } | null;
  /** How many candidates were looked at now. */
  readonly candidates: number;
  /** Lowest place in today's ranking of a song that the edition took; null where none is among the candidates any more. */
  readonly lastTaken: number | null;
  /** Playlists that hold it; null where song vectors alone recommend. */
  readonly holders: number | null;
}

export interface AbsenceDeps {
  readonly store: Store;
  readonly recommenders: RecommenderKeeper;
  readonly listenerId: number;
}

/** Candidates of each member that are looked at: far more than any edition takes. */
const DEEP = 20_000;

/**
 * Says why a song is not in an edition: the rule that met it, or its place in the ranking, by asking the recommenders of today
 * for the edition's seeds. Throws ExpectedError `unknown-track` and what opening the recommenders throws.
 */
export async function explainAbsence(
  { recommenders, ...listener }: AbsenceDeps,
  edition: EditionContents,
  song: string,
  signal: AbortSignal,
): Promise<Absence> {
  return await recommenders.use(signal, (opened) => findAbsence(opened, listener, edition, song));
}

async function findAbsence(
  { vectors, recommender, blend }: OpenRecommenders,
  { store, listenerId }: Pick<AbsenceDeps, 'store' | 'listenerId'>,
  edition: EditionContents,
  song: string,
): Promise<Absence> {
  const { catalogue } = vectors;
  const found = findSong(catalogue, song);
  if (found === undefined) {
    throw await unknownSong(catalogue, song, 'A song that stands in no playlist is known to no recommender.');
  }
  const track = catalogue.track(found.row);
  const own = knownRecordings([identityOf(track)]);
  const isIt = (other: CatalogueTrack) => own.has(identityOf(other));
  const { matched } = matchSeeds(edition.seeds.map(asSeed), catalogue);
  const heard = await heardTracks(store.db, listenerId);
  const heardRows = heard.flatMap(({ isrc, ...track }) =>
    rowsOfRecording({ id: track.trackId, isrc: isrc ?? undefined, recordingKey: track.recordingKey }, catalogue),
  );
  const question = { seeds: seedRows(matched), excluded: new Set(heardRows) };
  const { rows, scores, parts = {}, places = {} } = await recommender.candidates(question, DEEP);
  const asHeard = heardAs(heard, track);
  const at = rows.indexOf(found.row);
  const taken = new Set(edition.items.map(({ trackId }) => catalogue.rowOfId(trackId)));
  const lastAt = rows.findLastIndex((row) => taken.has(row));
  const playlists = blend?.world.playlists;
  return {
    track,
    position: edition.items.find((item) => isIt(item.track))?.position ?? null,
    rule: edition.rejected.find((rejected) => isIt(rejected.track))?.rule ?? (asHeard === null ? null : 'heard'),
    heard: asHeard,
    ranking:
      at < 0
        ? null
        : {
            place: at + 1,
            score: scores[at]!,
            shares: blend === undefined ? {} : sharesOf(columnsAt(parts, at), 'blend').shares,
            places: columnsAt(places, at),
          },
    candidates: rows.length,
    lastTaken: lastAt < 0 ? null : lastAt + 1,
    holders:
      playlists === undefined ? null : playlists.holderStarts[found.row + 1]! - playlists.holderStarts[found.row]!,
  };
}

function heardAs(heard: readonly HeardTrack[], track: CatalogueTrack): Absence['heard'] {
  const key = keyOf(track);
  const same = heard.filter(
    ({ trackId, isrc, recordingKey }) =>
      trackId === track.id || recordingKey === key || (isrc !== null && isrc === track.isrc),
  );
  if (same.length === 0) return null;
  return {
    plays: same.reduce((sum, { plays }) => sum + Number(plays), 0),
    lastPlayedAt: new Date(Math.max(...same.map(({ lastPlayedAt }) => lastPlayedAt.getTime()))),
  };
}

function asSeed({ trackId, weight, plays, lastPlayedAt, track }: EditionContents['seeds'][number]): Seed {
  const { title, artists, isrc } = track;
  return {
    id: trackId,
    title,
    artists,
    isrc: isrc ?? undefined,
    ids: [trackId],
    origin: 'plays',
    weight,
    plays,
    firstPlayedAt: lastPlayedAt,
    lastPlayedAt,
  };
}
