import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import type { Verdict } from '../recommend/promotion.ts';
import { findBlend, findChampion, type ListedBlend, listBlends, promoteBlend } from '../store/blends.ts';
import { type BlendFacts, rankingRows, verdictWords } from './blend-report.ts';
import type { CliCommand } from './command.ts';
import { formatNumber, formatTime, table } from './format.ts';

export const models: CliCommand = {
  name: 'models',
  summary: 'List the blends of recommenders and when each was champion; show one with its weights.',
  runs: 'app',
  examples: ['models', 'models champion', 'models 0a1b2c3d4e5f6071', 'models 0a1b2c3d4e5f6071 --promote'],
  define: (command) =>
    command
      .argument('[blend]', 'fingerprint of a blend, or "champion"')
      .option('--promote', 'make it the champion, whatever the comparison said'),
  async run({ args, options }, { app, terminal }) {
    const opened = await app();
    const { db } = opened.store;
    const time = (at: Date) => formatTime(at, opened.config.timeZone);
    const wanted = args[0] as string | undefined;
    const champion = await findChampion(db);
    if (wanted === undefined) {
      if (options.promote === true) throw nothingToPromote();
      const all = await listBlends(db);
      return {
        json: { champion: champion?.fingerprint ?? null, blends: all.map(inJson) as Json },
        lines:
          all.length === 0 ? ['No recommenders were made ready yet.'] : listLines(all, champion, time, terminal.width),
        next: all.length === 0 ? 'segue fit-recommenders' : `segue models ${all[0]!.fingerprint}`,
      };
    }
    let blend = wanted === 'champion' ? champion : await findBlend(db, wanted);
    if (blend === undefined) throw unknownBlend(wanted);
    if (options.promote === true) {
      const verdict: Verdict = {
        promoted: true,
        why: 'by-hand',
        against: champion?.fingerprint ?? null,
        difference: null,
      };
      await promoteBlend(db, blend.blendId, opened.clock.now(), { ...verdict } as unknown as Json);
      blend = (await findBlend(db, blend.fingerprint))!;
    }
    return { json: inJson(blend), lines: showLines(blend, time, terminal.width), next: 'segue recommend' };
  },
};

function listLines(
  all: readonly ListedBlend[],
  champion: ListedBlend | undefined,
  time: (at: Date) => string,
  width: number,
): string[] {
  return table(
    [
      ['blend', 'made', 'NDCG@500', 'songs', 'champion since', ''],
      ...all.map((blend) => [
        blend.fingerprint,
        time(blend.createdAt),
        ndcgOf(blend).blend?.mean.toFixed(4) ?? '',
        formatNumber(blend.vocabulary),
        blend.promotedAt === null ? 'never' : time(blend.promotedAt),
        blend.blendId === champion?.blendId ? 'the champion' : '',
      ]),
    ],
    width,
  );
}

function showLines(blend: ListedBlend, time: (at: Date) => string, width: number): string[] {
  const weights = Object.entries(blend.weights).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  return [
    ...table(
      [
        ['blend', blend.fingerprint],
        ['made', time(blend.createdAt)],
        [
          'song vectors',
          `${blend.modelFingerprint}: ${formatNumber(blend.vocabulary)} of ${blend.dimensions} dimensions, ${blend.algorithm}`,
        ],
        ['champion since', blend.promotedAt === null ? 'never' : time(blend.promotedAt)],
      ],
      width,
    ),
    verdictWords(blend.verdict as unknown as Verdict),
    '',
    ...table(rankingRows(ndcgOf(blend)), width),
    '',
    'What the blend weighs (each opinion is between 0 and 1; docs/recommenders.md):',
    ...table(
      weights.map(([feature, weight]) => [feature, weight.toFixed(2)]),
      width,
    ),
  ];
}

function inJson(blend: ListedBlend): { [name: string]: Json } {
  const { fingerprint, modelFingerprint, weights, metrics, verdict, promotedAt, createdAt } = blend;
  return {
    fingerprint,
    model: modelFingerprint,
    weights: { ...weights },
    metrics,
    verdict,
    promotedAt: promotedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

function ndcgOf({ metrics }: ListedBlend): BlendFacts['ndcg'] {
  return (metrics as unknown as { ndcg: BlendFacts['ndcg'] }).ndcg;
}

function unknownBlend(wanted: string): ExpectedError {
  return new ExpectedError('not-found', `There is no blend ${wanted}.`, {
    why: wanted === 'champion' ? 'No recommenders were made ready yet.' : 'None has this fingerprint.',
    hint: wanted === 'champion' ? 'segue fit-recommenders makes them ready.' : 'segue models lists them.',
  });
}

function nothingToPromote(): ExpectedError {
  return new ExpectedError('used-wrongly', 'segue models cannot be used like this.', {
    why: '--promote needs the fingerprint of a blend.',
    hint: 'segue models lists them.',
  });
}
