import type { App } from '../app.ts';
import { ExpectedError } from '../base/errors.ts';
import { type OutcomeCounts, summariseByRecommender, summariseOutcomes } from '../recommend/outcome-rates.ts';
import { readPublishedPlaylistIds } from '../store/api-library.ts';
import { listEditionHeads } from '../store/edition-heads.ts';
import { type MeasuredSong, readOutcomes } from '../store/outcomes.ts';

type Needs = Pick<App, 'store' | 'listener'>;

/** Counts of songs by outcome; `rate` is kept / (kept + skipped + ignored) of those whose window is over, with its 95 % interval. */
export type OutcomeView = OutcomeCounts & {
  readonly settled: number;
  readonly rate: { readonly value: number; readonly low: number; readonly high: number } | null;
};

export type EditionOutcomesView = OutcomeView & {
  readonly edition: number;
  readonly playlist: string;
  readonly publishedAt: string;
  readonly measuredAt: string;
  /** When the last of its songs' windows ends. */
  readonly windowEndsAt: string;
};

export interface OutcomesView {
  /** Whether any edition stands in the account. */
  readonly published: boolean;
  /** The edition published last first. */
  readonly editions: readonly EditionOutcomesView[];
  readonly together: OutcomeView;
  /** By name; a song of which several brought a part counts by parts. */
  readonly recommenders: readonly (OutcomeView & { readonly recommender: string })[];
}

/** What became of all editions, and of what each recommender proposed. Empty where nothing was measured yet. */
export async function showOutcomes({ store, listener }: Needs): Promise<OutcomesView> {
  const songs = await readOutcomes(store.db, listener.id);
  const byEdition = Map.groupBy(songs, ({ editionId }) => editionId);
  const byRecommender = summariseByRecommender(songs);
  return {
    published: songs.length > 0 || (await readPublishedPlaylistIds(store.db, listener.id)).size > 0,
    editions: Array.from(byEdition.values(), showHead),
    together: view(summariseOutcomes(songs)),
    recommenders: Array.from(byRecommender, ([recommender, summary]) => ({ recommender, ...view(summary) })),
  };
}

/** One edition with what became of each song. Throws ExpectedError `not-found`, `not-published`, `not-measured`. */
export async function showEditionOutcomes({ store, listener }: Needs, editionId: number) {
  const songs = await readOutcomes(store.db, listener.id, editionId);
  if (songs.length === 0) throw await whyNone({ store, listener }, editionId);
  return {
    ...showHead(songs),
    songs: songs.map((song) => ({
      position: song.position,
      trackId: song.trackId,
      title: song.title,
      artists: song.artists,
      recommender: song.recommender,
      outcome: song.outcome,
      settled: song.settled,
      plays: song.plays,
      listens: song.listens,
      heardOut: song.heardOut,
      fromPlaylist: song.fromPlaylist,
      firstListenedAt: song.firstListenedAt?.toISOString() ?? null,
      savedAt: song.savedAt?.toISOString() ?? null,
      windowEndsAt: song.windowEndsAt.toISOString(),
    })),
  };
}

function showHead(songs: readonly MeasuredSong[]): EditionOutcomesView {
  const { editionId, playlistName, publishedAt, measuredAt } = songs[0]!;
  const windowEndsAt = new Date(Math.max(...songs.map((song) => song.windowEndsAt.getTime())));
  return {
    edition: editionId,
    playlist: playlistName,
    publishedAt: publishedAt.toISOString(),
    measuredAt: measuredAt.toISOString(),
    windowEndsAt: windowEndsAt.toISOString(),
    ...view(summariseOutcomes(songs)),
  };
}

function view({ counts, rate }: ReturnType<typeof summariseOutcomes>): OutcomeView {
  const { rate: value, low, high } = rate;
  return { ...counts, settled: rate.of, rate: value === null ? null : { value, low, high } };
}

async function whyNone({ store, listener }: Needs, editionId: number): Promise<ExpectedError> {
  const [head] = await listEditionHeads(store.db, listener.id, { limit: 1, editionId });
  if (head === undefined)
    return new ExpectedError('not-found', `There is no edition ${editionId}.`, {
      why: 'No edition of yours has this number.',
      hint: 'segue outcomes lists those that were measured.',
    });
  if (head.publishedAt === null)
    return new ExpectedError('not-published', `Edition ${editionId} does not stand in the account.`, {
      why: 'What became of its songs is counted from its publication.',
      hint: `segue publish --edition ${editionId} puts it there.`,
    });
  return new ExpectedError('not-measured', `What became of edition ${editionId} has not been measured yet.`, {
    why: 'The weekly pipeline does it before it recommends again.',
    hint: 'segue measure-outcomes does it now.',
  });
}
