import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Json, Task, TaskContext, TaskOutput } from '../base/task.ts';
import { openCorpus } from '../corpus/corpus-file.ts';
import type { FeatureMatrix } from '../recommend/audio-features.ts';
import { fitBlend, judgeBlend, learnBlend } from '../recommend/blend.ts';
import { featureNames } from '../recommend/blend-features.ts';
import { isBlendFolder, writeBlend } from '../recommend/blend-file.ts';
import { type BlendLesson, takeLessons } from '../recommend/blend-lessons.ts';
import type { Catalogue } from '../recommend/catalogue.ts';
import type { EvaluationCase } from '../recommend/evaluate-recommenders.ts';
import { splitHistory } from '../recommend/history-weeks.ts';
import { outcomeLessons } from '../recommend/outcome-lessons.ts';
import { differenceInterval } from '../recommend/paired-difference.ts';
import { judgePromotion } from '../recommend/promotion.ts';
import { MEMBERS } from '../recommend/recommenders.ts';
import { findBlend, findChampion, listBlends, saveBlend } from '../store/blends.ts';
import type { Store } from '../store/connect.ts';
import { latestCorpus } from '../store/corpora.ts';
import { readListens } from '../store/listens.ts';
import { readOutcomes } from '../store/outcomes.ts';
import { featuresOfWorld, readFeaturesFor } from './open-features.ts';
import { openSongVectors } from './open-song-vectors.ts';
import { ownPlaylists } from './own-playlists.ts';
import { worldOf } from './recommender-world.ts';
import { removeOldFolders } from './remove-old-folders.ts';
import { readInput } from './task-input.ts';

export interface FitRecommendersDeps {
  readonly store: Store;
  readonly dataDir: string;
  /** Whose outcomes the weights are learned from, beside playlists. */
  readonly listenerId: number;
  /** Whether outcomes that the Web API told may be learned from (docs/policy.md). */
  readonly trainOnApiContent: boolean;
}

const NAME = 'fit-recommenders';

/** Raised when the same model and corpus would make another blend. */
const RECIPE_VERSION = 4;

const inputSchema = z.strictObject({
  /** Absent: one a core. The result is the same with any number. */
  threads: z.int().min(1).max(256).optional(),
});
export type FitRecommendersInput = { readonly [setting: string]: Json } | null;

/**
 * Makes every recommender ready with the newest model on the newest corpus, learns on playlists put aside, and on what became of
 * the listener's editions, what each one's opinion counts in the blend, and makes it the champion unless it is worse than the present one beyond doubt. Skipped where
 * the same was done before. Throws ExpectedError `bad-input`, `blend-not-writable`, `disk-full` and what opening model and corpus throws.
 */
export function fitRecommenders(deps: FitRecommendersDeps): Task<FitRecommendersInput> {
  return {
    name: NAME,
    summary: 'Makes all recommenders ready and learns what each counts in the blend.',
    timeoutMs: 12 * 60 * 60_000,
    maxAttempts: 2,
    run: (input, context) => run(deps, readInput(NAME, inputSchema, input ?? {}), context),
  };
}

async function run(
  { store, dataDir, listenerId, trainOnApiContent }: FitRecommendersDeps,
  { threads = availableParallelism() }: z.output<typeof inputSchema>,
  context: TaskContext,
): Promise<TaskOutput> {
  const { signal, clock } = context;
  const vectors = await openSongVectors(store, dataDir);
  const source = await latestCorpus(store.db, 'training');
  if (source === undefined) return { skipped: 'there are no playlists to learn from: song vectors alone recommend' };
  const songs = await readOutcomes(store.db, listenerId);
  const outcomesOf = (playlists: number) =>
    outcomeLessons(songs, { members: MEMBERS.map(({ name }) => name), playlists, trainOnApiContent });
  // Songs of no playlist have nothing to teach: the openers add them (open-recommenders.ts).
  const features = featuresOfWorld(
    await readFeaturesFor(store.db, vectors.catalogue, signal),
    vectors.catalogue,
    'catalogue only',
  );
  const own = await ownWeeks(store, listenerId, vectors.catalogue, trainOnApiContent, clock.now());
  const learned = [
    ...own.map(({ hidden }) => [...hidden]),
    ...outcomesOf(1).cases.map(({ features: { values }, found }) => [[...values], found]),
  ];
  const fingerprint = fingerprintOf(vectors.stored.fingerprint, source.fingerprint, features, learned);
  const path = `blends/${fingerprint}`;
  const before = await findBlend(store.db, fingerprint);
  if (before !== undefined && existsSync(join(dataDir, path, 'manifest.json'))) {
    return { skipped: `blend ${fingerprint} was made of this model and these playlists before` };
  }

  const began = clock.now();
  const corpus = await openCorpus(join(dataDir, source.path));
  const { world, names, artistOf, unknown } = await worldOf(corpus, vectors, features, signal);
  const onStep = (label: string, done: number, total: number) =>
    context.progress({ label, done, total, unit: label.startsWith('Learning') ? 'recommenders' : 'playlists' });
  const options = { threads, signal, onStep };
  const { playlists: lessons, weeks } = await takeLessons(MEMBERS, world, options, {
    isOwn: ownPlaylists(corpus.manifest),
    weeks: own,
  });
  const outcomes = outcomesOf(lessons.length);
  const weights = learnBlend(MEMBERS, lessons, [...weeks, ...outcomes.cases]);
  const knowledge = await fitBlend(MEMBERS, weights, world, options);
  await writeBlend(join(dataDir, path), { playlists: world.playlists, names, artistOf, knowledge });

  const blended = judgeBlend(MEMBERS, lessons);
  const scores = Object.fromEntries(lessons.map(({ key }, at) => [String(key), blended[at]!]));
  const champion = await usableChampion(store, dataDir, fingerprint);
  const verdict = judgePromotion(scores, champion);
  const seconds = (clock.now().getTime() - began.getTime()) / 1000;
  const ndcg = measure(lessons, blended);
  const now = clock.now();
  await saveBlend(store.db, {
    modelId: vectors.stored.modelId,
    corpusId: source.corpusId,
    fingerprint,
    path,
    weights: Object.fromEntries(featureNames(MEMBERS.map(({ name }) => name)).map((name, at) => [name, weights[at]!])),
    metrics: { cases: lessons.length, ndcg, seconds, threads },
    lessons: scores,
    verdict: { ...verdict } as unknown as Json,
    promotedAt: verdict.promoted ? now : null,
    createdAt: now,
  });
  const kept = new Set([path, (await findChampion(store.db))?.path]);
  await removeOldFolders(
    dataDir,
    (await listBlends(store.db)).filter((blend) => !kept.has(blend.path)),
    path,
    context,
  );
  if (!verdict.promoted) context.log.warn('this blend is worse than the champion beyond doubt, which stays in use');
  return {
    blend: fingerprint,
    model: vectors.stored.fingerprint,
    playlists: world.playlists.playlists,
    tracks: world.playlists.tracks,
    unknownPlaces: unknown,
    cases: lessons.length,
    weeks: weeks.length,
    editions: outcomes.cases.length,
    ndcg,
    verdict: { ...verdict } as unknown as Json,
    seconds,
  };
}

/** Newest weeks that are learned from; a year. */
const WEEKS = 52;
/** Days of plays before a week that it is asked by, as an edition is by default. */
const DAYS = 7;

/** Weeks of the listener's, each with what was heard for the first time in it; of the export alone where the policy says so. */
async function ownWeeks(
  store: Store,
  listenerId: number,
  catalogue: Catalogue,
  trainOnApiContent: boolean,
  until: Date,
): Promise<EvaluationCase[]> {
  const sources = trainOnApiContent ? (['api', 'export'] as const) : (['export'] as const);
  const listens = await readListens(store.db, listenerId, { since: null, until }, sources);
  return splitHistory(listens, catalogue, { weeks: WEEKS, days: DAYS }).weeks.flatMap(({ unheard }) => unheard ?? []);
}

function fingerprintOf(
  model: string,
  corpus: string,
  features: FeatureMatrix | undefined,
  own: readonly unknown[],
): string {
  const members = MEMBERS.map(({ name }) => name);
  const text = JSON.stringify([RECIPE_VERSION, members, model, corpus, features?.rows.length ?? 0, own]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The champion, if its files are still there, of a version that can be opened, and it is another one. */
async function usableChampion(store: Store, dataDir: string, fingerprint: string) {
  const champion = await findChampion(store.db);
  if (champion === undefined || champion.fingerprint === fingerprint) return undefined;
  const hasModel = existsSync(join(dataDir, champion.modelPath, 'manifest.json'));
  return hasModel && (await isBlendFolder(join(dataDir, champion.path))) ? champion : undefined;
}

/** Mean NDCG@500 of each member and of the blend on playlists put aside, with the 95 % interval. */
function measure(lessons: readonly BlendLesson[], blended: readonly number[]): { [name: string]: Json } {
  const interval = (scores: readonly number[]) => {
    const { mean, low, high } = differenceInterval(
      scores,
      scores.map(() => 0),
    );
    return { mean, low, high };
  };
  const members = MEMBERS.map(({ name }, at) => [name, interval(lessons.map(({ members: all }) => all[at]!))] as const);
  return Object.fromEntries([...members, ['blend', interval(blended)]]);
}
