import type { Task, TaskContext, TaskOutput } from '../base/task.ts';
import { summariseByRecommender, summariseOutcomes } from '../recommend/outcome-rates.ts';
import { decideOutcomes, type Evidence } from '../recommend/outcomes.ts';
import type { Store } from '../store/connect.ts';
import {
  newestPlayAt,
  readPlaysOfPublished,
  readPublishedSongs,
  readSavesOfPublished,
} from '../store/outcome-evidence.ts';
import { type OutcomeRow, readOutcomes, saveOutcomes } from '../store/outcomes.ts';
import { editionsOf, recordingOf, withoutUnplayable } from './published-editions.ts';

export interface MeasureOutcomesDeps {
  readonly store: Store;
  readonly listenerId: number;
}

/**
 * Decides what became of every song of every published edition, and stores it. All are measured each time: an export that comes
 * months later tells of skips that the Web API does not.
 */
export function measureOutcomes(deps: MeasureOutcomesDeps): Task<null> {
  return {
    name: 'measure-outcomes',
    summary: 'Says what became of each recommended song: kept, skipped or ignored.',
    timeoutMs: 10 * 60_000,
    maxAttempts: 3,
    run: (_input, context) => run(deps, context),
  };
}

async function run({ store: { db }, listenerId }: MeasureOutcomesDeps, { clock }: TaskContext): Promise<TaskOutput> {
  const now = clock.now();
  const published = await readPublishedSongs(db, listenerId);
  if (published.length === 0) return { skipped: 'no edition stands in the account yet: segue publish puts one there' };
  const { songs, leftOut } = withoutUnplayable(published);
  const plays = (await readPlaysOfPublished(db, listenerId)).map((play) => ({ ...play, track: recordingOf(play) }));
  const saves = (await readSavesOfPublished(db, listenerId)).map((save) => ({ ...save, track: recordingOf(save) }));
  const evidenceOf = async (sources: readonly ('api' | 'export')[]): Promise<Evidence> => {
    const newest = await newestPlayAt(db, listenerId, sources);
    return {
      plays: plays.filter(({ source }) => sources.includes(source)),
      saves: saves.filter(({ source }) => sources.includes(source)),
      knownUntil: newest !== null && newest > now ? now : newest,
    };
  };
  const editions = editionsOf(songs);
  const outcomes = decideOutcomes(editions, await evidenceOf(['api', 'export']));
  const exported = decideOutcomes(editions, await evidenceOf(['export']));
  const rows = outcomes.map((song, at): OutcomeRow => {
    const { outcome, settled } = exported[at]!;
    return { ...song, exportedOutcome: settled && outcome !== 'open' ? outcome : null };
  });
  await saveOutcomes(db, listenerId, rows, now);
  const measured = await readOutcomes(db, listenerId);
  const byRecommender = summariseByRecommender(measured);
  return {
    editions: editions.length,
    songs: measured.length,
    leftOut,
    settled: measured.filter(({ settled }) => settled).length,
    outcomes: { ...summariseOutcomes(measured).counts },
    recommenders: Object.fromEntries(Array.from(byRecommender, ([name, { counts }]) => [name, { ...counts }])),
  };
}
