// How good are recommenders at continuing playlists, and how fast, against implicit's (ALS, BPR, BM25, TF-IDF and cosine item neighbours)?
//   SEGUE_BENCH_PEERS=<folder> node bench/recommenders.ts [--corpora demo,listeners,S] [--threads 2] [--cases 400] [--final test|validation] [--grid full|small]
// The peers' settings are chosen on a validation split, from the grid below; ours are the defaults, which were chosen on validation
// splits too (docs/decisions/0017-recommenders-speak-of-rows.md). The final figures are of the test split, that nothing was chosen by: NDCG@500 and
// R-precision of each, and of the blend against the best single peer with its 95 % interval on the same playlists. Seconds are of
// making ready, milliseconds the median of questions asked one at a time.
import { parseArgs } from 'node:util';
import { alike, type EvaluationCase, evaluateRecommenders } from '../src/recommend/evaluate-recommenders.ts';
import { DEPTH, judge, meanScores, type Scores } from '../src/recommend/evaluation.ts';
import { differenceInterval } from '../src/recommend/paired-difference.ts';
import { matrixOf, type PlaylistMatrix } from '../src/recommend/playlist-matrix.ts';
import { RECOMMENDERS } from '../src/recommend/recommenders.ts';
import { trainOnPlaylists, vectorsByPlaylists } from '../src/recommend/train-on-playlists.ts';
import { buildVocabulary } from '../src/vectors/vocabulary.ts';
import { type BenchCorpus, readBenchCorpus, splitBenchCorpus } from './corpora/bench-corpus.ts';
import { askImplicit, hasImplicit, type ImplicitModel } from './peers/implicit.ts';
import { median, printTable, sayMachine } from './training/report.ts';

const { values: options } = parseArgs({
  options: {
    corpora: { type: 'string', default: 'demo,listeners,S' },
    threads: { type: 'string', default: '2' },
    cases: { type: 'string', default: '400' },
    final: { type: 'string', default: 'test' },
    grid: { type: 'string', default: 'full' },
  },
});
const threads = Number(options.threads);
const most = Number(options.cases);

const grid = (model: string, ...settings: Record<string, readonly number[]>[]): ImplicitModel[] =>
  settings.flatMap((each) =>
    Object.entries(each).reduce<ImplicitModel[]>(
      (all, [name, values]) =>
        all.flatMap((one) => values.map((value) => ({ ...one, params: { ...one.params, [name]: value } }))),
      [{ model, params: {} }],
    ),
  );

/** What is tried for each peer. */
const FULL: readonly ImplicitModel[] = [
  ...grid('als', { factors: [64, 128], regularization: [0.01, 0.1, 1, 10], alpha: [1, 5, 20], iterations: [15] }),
  ...grid('bpr', { factors: [64, 128], learning_rate: [0.01, 0.05], regularization: [0.01], iterations: [100, 300] }),
  ...grid('bm25', { K: [100, 500], K1: [0.2, 1.2], B: [0.2, 0.8] }),
  ...grid('tfidf', { K: [50, 100, 500] }),
  ...grid('cosine', { K: [50, 100, 500] }),
];

/** Where the full grid takes hours: what won on smaller corpora, and its neighbours. */
const SMALL: readonly ImplicitModel[] = [
  ...grid('als', { factors: [64, 128], regularization: [0.1], alpha: [1, 5, 20], iterations: [15] }),
  ...grid('bpr', { factors: [64], learning_rate: [0.05], regularization: [0.01], iterations: [100] }),
  ...grid('bm25', { K: [500], K1: [0.2, 1.2], B: [0.2, 0.8] }),
  ...grid('tfidf', { K: [500] }),
  ...grid('cosine', { K: [500] }),
];
const GRID = options.grid === 'small' ? SMALL : FULL;

interface Split {
  readonly playlists: PlaylistMatrix;
  readonly groups: Uint32Array;
  readonly artistOf: Uint32Array | undefined;
  readonly cases: readonly EvaluationCase[];
}

function open(corpus: BenchCorpus, split: 'validation' | 'test'): Split {
  const { train, groups, cases } = splitBenchCorpus(corpus, split, 1);
  const vocabulary = buildVocabulary(train, 1);
  const rowsOf = (tokens: Iterable<number>) => Array.from(tokens, (token) => vocabulary.rowOf[token] ?? -1);
  return {
    playlists: matrixOf(train, vocabulary),
    groups,
    artistOf: corpus.artistOf && vocabulary.tokens.map((token) => corpus.artistOf![token]!),
    cases: cases.slice(0, most).map(({ seeds, hidden }) => ({
      seeds: alike(rowsOf(seeds).filter((row) => row >= 0)),
      hidden: new Set(rowsOf(hidden)),
    })),
  };
}

interface Judged {
  readonly name: string;
  readonly scores: readonly Scores[];
  readonly seconds: number;
  readonly ms: number;
}

async function judgePeers(split: Split, models: readonly ImplicitModel[]): Promise<Judged[]> {
  const answers = await askImplicit(split.playlists, split.cases, models, { threads, depth: DEPTH });
  return answers.map(({ seconds, ms, found }, at) => ({
    name: `implicit ${models[at]!.model} ${JSON.stringify(models[at]!.params)}`,
    scores: split.cases.map(({ hidden }, one) => judge(found[one]!, hidden)),
    seconds,
    ms: median(ms),
  }));
}

const ndcgOf = ({ scores }: Judged) => meanScores(scores).ndcg;

async function compare(corpus: BenchCorpus): Promise<void> {
  const kinds = [...new Set(GRID.map(({ model }) => model))];
  const chosen: ImplicitModel[] = [];
  if (hasImplicit()) {
    const tuned = await judgePeers(open(corpus, 'validation'), GRID);
    for (const kind of kinds) {
      const places = [...GRID.keys()].filter((at) => GRID[at]!.model === kind);
      chosen.push(GRID[places.reduce((a, b) => (ndcgOf(tuned[b]!) > ndcgOf(tuned[a]!) ? b : a))]!);
    }
  }
  const split = open(corpus, options.final === 'validation' ? 'validation' : 'test');
  const peers = chosen.length > 0 ? await judgePeers(split, chosen) : [];
  const ours: Judged[] = [];
  const { playlists: matrix, groups, artistOf } = split;
  const world = { playlists: matrix, groups, artistOf, vectorsOf: vectorsByPlaylists(trainOnPlaylists) };
  for (const kind of RECOMMENDERS) {
    const scores: Scores[] = [];
    const { recommenders } = await evaluateRecommenders([kind], world, split.cases, {
      threads,
      signal: new AbortController().signal,
      onCase: (found, { hidden }) => scores.push(judge(found, hidden)),
    });
    ours.push({ name: kind.name, scores, seconds: recommenders[0]!.fitSeconds, ms: recommenders[0]!.msPerQuery });
  }
  const { playlists, tracks, rows } = split.playlists;
  console.log(
    `\n### ${corpus.name}: ${playlists} playlists, ${rows.length} entries, ${tracks} tracks, ${split.cases.length} cases`,
  );
  printTable(
    [...ours, ...peers].map((each) => {
      const { ndcg, rPrecision, clicks } = meanScores(each.scores);
      return {
        recommender: each.name,
        'NDCG@500': ndcg.toFixed(4),
        'R-precision': rPrecision.toFixed(4),
        clicks: clicks.toFixed(2),
        'seconds to fit': each.seconds.toFixed(2),
        'ms a question': each.ms.toFixed(2),
      };
    }),
  );
  const blend = ours.find(({ name }) => name === 'blend');
  if (blend === undefined || peers.length === 0) return;
  const best = peers.reduce((a, b) => (ndcgOf(b) > ndcgOf(a) ? b : a));
  const series = ({ scores }: Judged) => scores.map(({ ndcg }) => ndcg);
  const { mean, low, high } = differenceInterval(series(blend), series(best));
  const precision = (judged: Judged) => meanScores(judged.scores).rPrecision;
  console.log(
    `\nblend against the best single peer (${best.name}): NDCG@500 ${(ndcgOf(blend) / ndcgOf(best)).toFixed(3)} times (${mean.toFixed(4)} more, ${low.toFixed(4)} to ${high.toFixed(4)}), R-precision ${(precision(blend) / precision(best)).toFixed(3)} times`,
  );
}

sayMachine();
if (!hasImplicit())
  console.log('implicit is not here and is left out: bench/peers/set-up.sh <folder>, then SEGUE_BENCH_PEERS=<folder>.');
for (const name of options.corpora.split(',')) {
  const corpus = await readBenchCorpus(name);
  if (corpus === undefined) console.log(`${name} is not here and is left out.`);
  else await compare(corpus);
}
