import type { Verdict } from '../recommend/promotion.ts';
import { formatNumber, plural, table } from './format.ts';
import type { Terminal } from './terminal.ts';

interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What `fit-recommenders` says. */
export interface BlendFacts {
  readonly blend: string;
  readonly playlists: number;
  readonly tracks: number;
  readonly cases: number;
  /** Weeks of the listener's own that it learned from. */
  readonly weeks: number;
  /** Editions whose outcomes it learned from. */
  readonly editions: number;
  readonly ndcg: { readonly [recommender: string]: Interval };
  readonly verdict: Verdict;
  readonly seconds: number;
}

export function reportBlend(facts: BlendFacts, terminal: Terminal): string[] {
  return [
    `Blend ${facts.blend}: all recommenders ready on ${plural(facts.playlists, 'playlist')} with ${formatNumber(facts.tracks)} songs, in ${facts.seconds.toFixed(1)} s.`,
    ...(facts.cases === 0
      ? ['No playlist is long enough to be put aside: all recommenders count alike.']
      : [
          `How well each one finds the hidden half of ${plural(facts.cases, 'playlist')} that it did not learn from:`,
          '',
          ...table(rankingRows(facts.ndcg), terminal.width),
        ]),
    ...ownWords(facts),
    '',
    verdictWords(facts.verdict),
  ];
}

function ownWords({ weeks, editions }: BlendFacts): string[] {
  const from = [
    ...(weeks === 0 ? [] : [`${plural(weeks, 'week')} of your listening`]),
    ...(editions === 0 ? [] : [`what became of ${plural(editions, 'edition')} of yours`]),
  ];
  return from.length === 0 ? [] : ['', `The weights were also learned from ${from.join(' and ')}.`];
}

/** Recommenders with their NDCG@500, the best first. */
export function rankingRows(ndcg: BlendFacts['ndcg']): string[][] {
  return [
    ['recommender', 'NDCG@500', '95 % interval'],
    ...Object.entries(ndcg)
      .sort(([, a], [, b]) => b.mean - a.mean)
      .map(([name, { mean, low, high }]) => [name, mean.toFixed(4), `${low.toFixed(3)} to ${high.toFixed(3)}`]),
  ];
}

/** Why a blend is the champion, or not. */
export function verdictWords({ promoted, why, against, difference }: Verdict): string {
  const figures =
    difference === null
      ? ''
      : ` NDCG@500 ${signed(difference.mean)} (${signed(difference.low)} to ${signed(difference.high)}) on ${plural(difference.cases, 'playlist')} that both were asked about.`;
  const reasons: Readonly<Record<Verdict['why'], string>> = {
    first: 'It is the first one, and recommends from now on.',
    'too-few-in-common': `It recommends from now on: too few playlists to compare it with ${against}.`,
    better: `It is better than ${against}, the champion until now, and recommends from now on.`,
    'no-worse': `It is not worse than ${against} beyond doubt, and recommends from now on.`,
    worse: `It is worse than ${against} beyond doubt, which stays the champion.`,
    'by-hand': 'Made champion by hand.',
  };
  return `${reasons[why]}${figures}${promoted ? '' : ' segue models <blend> --promote overrules that.'}`;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}
