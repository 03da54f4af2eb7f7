import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { noProgress } from '../../src/base/progress.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { TaskContext } from '../../src/base/task.ts';
import type { TasteRule } from '../../src/recommend/taste-rules.ts';
import { parseRule } from '../../src/recommend/taste-text.ts';
import type { Store } from '../../src/store/connect.ts';
import { changeTasteRules } from '../../src/store/taste-rules.ts';
import { saveTracks } from '../../src/store/tracks.ts';
import { storedRule } from '../../src/tasks/recommend-rules.ts';
import { trainVectors } from '../../src/tasks/train-vectors.ts';
import type { TestStore } from '../store-fixture.ts';
import { addTrainingCorpus } from '../training-corpus.ts';
import { twoGenres } from '../vectors/two-genres.ts';
import { songOf } from './tiny-world.ts';

/** A Sunday. */
export const NOW = new Date('2026-11-22T12:00:00Z');

export function contextAt(clock: ManualClock, runKey: string): TaskContext {
  const signal = new AbortController().signal;
  return { runKey, attempt: 1, signal, log: silentLog, progress: noProgress, clock, random: seededRandom(1) };
}

/** Song vectors of two genres: songs 0 to 19 are jazz, 20 to 39 techno, each by one of seven artists of its genre. */
export async function addGenres(store: TestStore): Promise<void> {
  const { tokens, offsets } = twoGenres(200);
  const lists = Array.from({ length: 200 }, (_, at) =>
    Array.from(tokens.subarray(offsets[at], offsets[at + 1]), songOf),
  );
  await addTrainingCorpus(store, lists, NOW);
  const context = contextAt(new ManualClock(NOW), 'train');
  await trainVectors({ store, dataDir: store.dataDir }).run({ dimensions: 16, epochs: 5, learningRate: 0.1 }, context);
}

/** Plays of these songs so many days ago, from an export; `more` are columns of theirs. */
export async function addPlays(
  store: Store,
  listenerId: number,
  songs: readonly number[],
  daysAgo: number,
  more: object = {},
): Promise<void> {
  await saveTracks(store.db, songs.map(songOf));
  for (const [at, song] of songs.entries()) {
    const ended_at = new Date(NOW.getTime() - daysAgo * 86_400_000 - at * 1000);
    await store.db
      .insertInto('play')
      .values({ listener_id: listenerId, track_id: songOf(song).id, ended_at, source: 'export', ...more })
      .execute();
  }
}

/** Makes these the rules that hold. */
export async function setRules(store: Store, listenerId: number, ...texts: string[]): Promise<void> {
  const rules = texts.map((text) => storedRule(parseRule(text) as TasteRule));
  await changeTasteRules(store.db, listenerId, rules, { summary: texts.join(), at: NOW });
}
