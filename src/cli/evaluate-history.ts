import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import { evaluateHistory, type HistoryEvaluation } from '../recommend/history-evaluation.ts';
import { type HistoryWeek, type HistoryWeeks, splitHistory } from '../recommend/history-weeks.ts';
import type { RecommenderKind } from '../recommend/recommender.ts';
import { readListens } from '../store/listens.ts';
import { type HistoryWorld, openHistoryWorld } from '../tasks/history-world.ts';
import type { CommandContext, CommandResult } from './command.ts';
import { countWords, evaluationLines } from './evaluate-report.ts';
import { formatNumber, formatTime, plural } from './format.ts';

const DAY_MS = 86_400_000;

export interface HistoryRequest {
  readonly recommenders: readonly RecommenderKind[];
  /** Weeks to be asked for at most, the newest ones. */
  readonly weeks: number;
  readonly threads: number;
}

/** Measures recommenders on the listener's own weeks: each by what was heard before it, of songs of the week itself. */
export async function evaluateOwnHistory(
  { recommenders, weeks, threads }: HistoryRequest,
  { app, terminal }: CommandContext,
): Promise<CommandResult> {
  const { store, config, listener, clock } = await app();
  const { signal } = terminal;
  const listens = await readListens(store.db, listener.id, { since: null, until: clock.now() }, ['api', 'export']);
  if (listens.length === 0) throw noListens();
  const history = await openHistoryWorld(store, config.dataDir, signal);
  const split = splitHistory(listens, history.catalogue, { weeks, days: config.edition.days });
  if (split.weeks.length === 0) throw tooShort(weeks, split);
  const evaluation = await evaluateHistory(recommenders, history.world, split, {
    threads,
    signal,
    onStep: (label, done, total) => terminal.progress({ label, done, total, unit: 'weeks' }),
  });
  const { corpus, world, leftOut } = history;
  const facts: Facts = {
    listens: listens.length,
    weeks: split.weeks.map(weekFacts),
    weeksLeftOut: split.leftOut,
    corpus: {
      fingerprint: corpus.fingerprint,
      createdAt: corpus.createdAt.toISOString(),
      playlists: world.playlists.playlists,
      tracks: world.playlists.tracks,
      leftOut,
      changedSince: changedSince(history, split.weeks[0]!.from),
    },
  };
  return {
    json: { ...facts, ...evaluation } as unknown as Json,
    lines: reportLines(facts, evaluation, terminal.width, config.timeZone),
  };
}

interface Facts {
  readonly listens: number;
  readonly weeks: readonly WeekFacts[];
  readonly weeksLeftOut: { readonly [reason: string]: number };
  readonly corpus: {
    readonly fingerprint: string;
    readonly createdAt: string;
    readonly playlists: number;
    readonly tracks: number;
    readonly leftOut: HistoryWorld['leftOut'];
    /** Playlists of others whose snapshot is younger than the first split. */
    readonly changedSince: number;
  };
}

interface WeekFacts {
  readonly from: string;
  /** Days of plays that seeds are of; null: all. */
  readonly days: number | null;
  readonly seeds: number;
  readonly songs: number;
  readonly unheard: number;
  /** Songs that stand in no playlist. */
  readonly unknown: number;
}

function weekFacts({ from, days, all, unheard }: HistoryWeek): WeekFacts {
  return {
    from: from.toISOString(),
    days: Number.isFinite(days) ? days : null,
    seeds: all.seeds.length,
    songs: all.hidden.size,
    unheard: unheard?.hidden.size ?? 0,
    unknown: [...all.hidden].filter((row) => row < 0).length,
  };
}

function changedSince({ days }: HistoryWorld, from: Date): number {
  const day = from.getTime() / DAY_MS;
  return days.filter((each) => each > day).length;
}

function reportLines(
  { listens, weeks, weeksLeftOut, corpus }: Facts,
  { all, unheard }: HistoryEvaluation,
  width: number,
  timeZone: string,
): string[] {
  const sum = (count: (week: WeekFacts) => number) => weeks.reduce((total, week) => total + count(week), 0);
  const reasons = countWords(weeksLeftOut);
  const own = corpus.leftOut.map(({ name, playlists }) => `${formatNumber(playlists)} ${name}`).join(', ');
  const first = formatTime(new Date(weeks[0]!.from), timeZone);
  return [
    `Asked for ${plural(weeks.length, 'week')} of ${formatNumber(listens)} listens, from ${first}: ${plural(
      sum(({ songs }) => songs),
      'song',
    )} to find in them, ${formatNumber(sum((week) => week.unheard))} of them never heard before.`,
    ...(reasons === '' ? [] : [`Weeks left out: ${reasons}.`]),
    ...(sum(({ unknown }) => unknown) === 0
      ? []
      : [`${formatNumber(sum(({ unknown }) => unknown))} of them stand in no playlist, so that nobody can find them.`]),
    `Learned from ${plural(corpus.playlists, 'playlist')} with ${plural(corpus.tracks, 'song')}; left out as your own: ${own === '' ? 'nothing' : own}.`,
    ...(corpus.changedSince === 0
      ? []
      : [
          `${formatNumber(corpus.changedSince)} of these playlists are younger than the first week: others may have heard then what you heard later.`,
        ]),
    '',
    'All songs of the week after, those heard before as well:',
    ...evaluationLines(all, width),
    '',
    `Songs never heard before (${plural(unheard.cases, 'week')}):`,
    ...(unheard.cases === 0 ? ['None was heard in these weeks.'] : evaluationLines(unheard, width)),
  ];
}

function noListens(): ExpectedError {
  return new ExpectedError('no-plays', 'There is no history to measure by.', {
    why: 'No play of 30 seconds or more is stored.',
    hint: 'Run segue import-history <your export>, or segue sync-plays for some weeks.',
  });
}

function tooShort(weeks: number, { leftOut }: HistoryWeeks): ExpectedError {
  return new ExpectedError('history-too-short', 'The history is too short to be measured by.', {
    why: `Of the last ${plural(weeks, 'week')}, none can be asked for: ${countWords(leftOut)}.`,
    hint: 'Bring your past with segue import-history <your export>, or build a corpus that knows more of your songs.',
  });
}
