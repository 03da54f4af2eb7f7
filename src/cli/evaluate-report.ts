import type { Comparison, Evaluation } from '../recommend/evaluate-recommenders.ts';
import { formatNumber, table } from './format.ts';

/** Every figure of each recommender that had anything to say, the best first; who had not; how the best does against the others. */
export function evaluationLines(evaluation: Evaluation, width: number): string[] {
  const { comparisons } = evaluation;
  const speaking = speakingOnes(evaluation);
  const spoke = new Set(speaking.map(({ name }) => name));
  return [
    ...table(
      [
        [
          'recommender',
          'NDCG@500',
          '',
          'R-precision',
          'clicks',
          'recall@100',
          'hits@10',
          'coverage',
          'novelty',
          'learning',
          'a question',
        ],
        ...speaking.map(({ name, metrics, coverage, fitSeconds, msPerQuery }) => [
          name,
          metrics.ndcg.mean.toFixed(4),
          `${metrics.ndcg.low.toFixed(3)} to ${metrics.ndcg.high.toFixed(3)}`,
          metrics.rPrecision.mean.toFixed(4),
          metrics.clicks.mean.toFixed(1),
          metrics['recall@100'].mean.toFixed(3),
          metrics['hitRate@10'].mean.toFixed(3),
          `${(100 * coverage).toFixed(1)} %`,
          `${metrics.novelty.mean.toFixed(1)} bits`,
          `${fitSeconds.toFixed(1)} s`,
          `${msPerQuery.toFixed(1)} ms`,
        ]),
      ],
      width,
    ),
    ...silentLines(evaluation),
    ...(spoke.size > 1 ? [''] : []),
    ...comparisons.filter(({ than }) => spoke.has(than)).map(compareWords),
  ];
}

/** The figures of the RecSys Challenge 2018 alone. */
export function challengeLines(evaluation: Evaluation, width: number): string[] {
  return [
    ...table(
      [
        ['recommender', 'NDCG@500', 'R-precision', 'clicks'],
        ...speakingOnes(evaluation).map(({ name, metrics }) => [
          name,
          metrics.ndcg.mean.toFixed(4),
          metrics.rPrecision.mean.toFixed(4),
          metrics.clicks.mean.toFixed(1),
        ]),
      ],
      width,
    ),
    ...silentLines(evaluation),
  ];
}

/** "3 without a name, 2 with fewer songs", or nothing. */
export function countWords(counts: { readonly [reason: string]: number }): string {
  return Object.entries(counts)
    .map(([reason, count]) => `${formatNumber(count)} ${reason}`)
    .join(', ');
}

function speakingOnes({ recommenders }: Evaluation) {
  return recommenders.filter(({ answered }) => answered > 0).sort((a, b) => b.metrics.ndcg.mean - a.metrics.ndcg.mean);
}

function silentLines({ recommenders }: Evaluation): string[] {
  const silent = recommenders.filter(({ answered }) => answered === 0).map(({ name }) => name);
  return silent.length === 0 ? [] : [`With nothing to go by here: ${silent.join(', ')}.`];
}

function compareWords({ better, than, mean, low, high }: Comparison): string {
  const figures = `NDCG@500 ${mean.toFixed(4)} more (${low.toFixed(4)} to ${high.toFixed(4)})`;
  return low > 0
    ? `${better} is better than ${than}: ${figures}.`
    : `${better} may be no better than ${than}: ${figures}.`;
}
