import { setImmediate } from 'node:timers/promises';
import type { TaskContext } from '../base/task.ts';
import { findRecordings } from '../corpus/recording-lookup.ts';
import type { Vocabulary } from '../corpus/vocabulary.ts';
import { normaliseName } from '../music/track.ts';
import type { CatalogueTrack } from '../recommend/catalogue.ts';
import { keysOf, readToken } from '../recommend/track-tokens.ts';
import type { Store } from '../store/connect.ts';
import { findRecordingIds, listArtistKeys } from '../store/recordings.ts';
import { chunks } from '../store/rows.ts';
import { findTracks } from '../store/tracks.ts';

/** Why a token is left out. */
export type TokenProblem =
  | 'not-a-track'
  | 'neither-id-nor-artist-and-title'
  | 'artist-and-title-not-known'
  | 'same-track-again';

export interface TokenTracks {
  /** The track of each token; undefined where it has none. */
  readonly tracks: readonly (CatalogueTrack | undefined)[];
  readonly byId: number;
  readonly byName: number;
  /** Ids of which neither the corpus nor the database knows a title. */
  readonly withoutTitle: number;
  readonly left: { readonly [reason in TokenProblem]?: number };
  /** A few of them by reason. */
  readonly examples: { readonly [reason in TokenProblem]?: readonly string[] };
}

const MOST_EXAMPLES = 5;
const AT_ONCE = 8192;

type Found = { readonly by: 'id' | 'name'; readonly track: CatalogueTrack } | TokenProblem;

/**
 * Finds the track of each token among the tracks of the training corpus (`vocabulary`) and the database. An id is a track
 * whether anybody knows it or not; artist and title, in either order, are one when they are known. The first token of a
 * track counts.
 */
export async function findTokenTracks(
  tokens: readonly string[],
  vocabulary: Vocabulary | undefined,
  store: Store,
  context: Pick<TaskContext, 'signal' | 'progress'>,
): Promise<TokenTracks> {
  const turn = async (done: number): Promise<void> => {
    context.progress({ label: 'Finding tracks', done, total: tokens.length, unit: 'tokens' });
    await setImmediate();
    context.signal.throwIfAborted();
  };
  const artists = await knownArtists(vocabulary, store);
  const meanings: ({ id: string } | { keys: readonly string[] } | TokenProblem)[] = [];
  for (const [at, token] of tokens.entries()) {
    if (at % AT_ONCE === 0) await turn(at);
    const meaning = readToken(token);
    if ('id' in meaning) meanings.push(meaning);
    else meanings.push('reason' in meaning ? meaning.reason : { keys: keysOf(meaning.names, artists) });
  }
  const ids = new Set(
    meanings.flatMap((meaning) => (typeof meaning === 'object' && 'id' in meaning ? [meaning.id] : [])),
  );
  const keys = new Set(
    meanings.flatMap((meaning) => (typeof meaning === 'object' && 'keys' in meaning ? meaning.keys : [])),
  );
  const trackOfKey = await findByName(keys, vocabulary, store, () => turn(tokens.length));
  const trackOfId = await describeIds(ids, vocabulary, store);
  return account(
    tokens,
    meanings.map((meaning): Found => {
      if (typeof meaning === 'string') return meaning;
      if ('id' in meaning) return { by: 'id', track: trackOfId(meaning.id) };
      const key = meaning.keys.find((each) => trackOfKey.has(each));
      return key === undefined ? 'artist-and-title-not-known' : { by: 'name', track: trackOfKey.get(key)! };
    }),
  );
}

async function knownArtists(vocabulary: Vocabulary | undefined, store: Store): Promise<Set<string>> {
  const artists = await listArtistKeys(store.db);
  const seen = new Set<string>();
  for (let index = 0; index < (vocabulary?.size ?? 0); index++) {
    const artist = vocabulary!.artists(index)[0] ?? '';
    if (seen.has(artist)) continue;
    seen.add(artist);
    artists.add(normaliseName(artist));
    if (seen.size % AT_ONCE === 0) await setImmediate();
  }
  return artists;
}

/** The corpus first: of several tracks of a recording it knows which one playlists have most. */
async function findByName(
  keys: ReadonlySet<string>,
  vocabulary: Vocabulary | undefined,
  store: Store,
  breathe: () => Promise<void>,
): Promise<Map<string, CatalogueTrack>> {
  const found = new Map<string, CatalogueTrack>();
  if (vocabulary !== undefined) {
    const entries = {
      size: vocabulary.size,
      title: vocabulary.title,
      primaryArtist: (index: number) => vocabulary.artists(index)[0] ?? '',
      count: (index: number) => vocabulary.counts[index]!,
    };
    for (const [key, index] of await findRecordings(entries, keys, breathe)) found.set(key, vocabulary.entry(index));
  }
  const missing = [...keys].filter((key) => !found.has(key));
  const ids = await findRecordingIds(store.db, missing);
  const trackOf = await describeIds(new Set(ids.values()), undefined, store);
  for (const [key, id] of ids) found.set(key, trackOf(id));
  return found;
}

/** What the corpus, else the database knows of each id; nothing but the id where neither does. */
async function describeIds(
  ids: ReadonlySet<string>,
  vocabulary: Vocabulary | undefined,
  store: Store,
): Promise<(id: string) => CatalogueTrack> {
  const unknown = [...ids].filter((id) => vocabulary === undefined || vocabulary.indexOf(id) < 0);
  const stored = new Map<string, CatalogueTrack>();
  for (const some of chunks(unknown)) {
    for (const [asked, { id, title, artists, isrc }] of await findTracks(store.db, some))
      stored.set(asked, { id, title, artists, isrc });
  }
  return (id) => {
    const index = vocabulary?.indexOf(id) ?? -1;
    return index >= 0 ? vocabulary!.entry(index) : (stored.get(id) ?? { id, title: '', artists: [] });
  };
}

function account(tokens: readonly string[], found: readonly Found[]): TokenTracks {
  const left: { [reason in TokenProblem]?: number } = {};
  const examples: { [reason in TokenProblem]?: string[] } = {};
  const seen = new Set<string>();
  let [byId, byName, withoutTitle] = [0, 0, 0];
  const tracks = found.map((each, at) => {
    const reason = typeof each === 'string' ? each : seen.has(each.track.id) ? 'same-track-again' : undefined;
    if (typeof each === 'string' || reason !== undefined) {
      left[reason!] = (left[reason!] ?? 0) + 1;
      examples[reason!] ??= [];
      if (examples[reason!]!.length < MOST_EXAMPLES) examples[reason!]!.push(tokens[at]!.slice(0, 100));
      return undefined;
    }
    seen.add(each.track.id);
    if (each.by === 'id') byId++;
    else byName++;
    if (each.track.title === '') withoutTitle++;
    return each.track;
  });
  return { tracks, byId, byName, withoutTitle, left, examples };
}
