// What makes the songs that `segue similar` lists good ones? Plain cosine, leaving out rare songs, or cosine x certainty with a
// song that stands n times in playlists known with certainty n / (n + c). Playlists are held out; of each, up to six songs that
// training knew are asked for their ten nearest, and a hit is one that stands in the same held-out playlist.
//   node bench/likeness.ts <corpus, named as in bench/corpora/bench-corpus.ts> [seeds]
// docs/decisions/0013-likeness.md has the answers.
import { seededRandom } from '../src/base/random.ts';
import { shuffled } from '../src/recommend/holdout.ts';
import { meanVector, scoreRows, searchable, topRows } from '../src/vectors/nearest.ts';
import { readSettings } from '../src/vectors/settings.ts';
import { train } from '../src/vectors/train.ts';
import { readBenchCorpus, splitBenchCorpus } from './corpora/bench-corpus.ts';

const SHOWN = 10;
const SONGS_PER_PLAYLIST = 6;
const BANDS = ['all', 'once', '2 to 4', '5 and more'] as const;

type Scorer = (cosine: number, count: number, countOfSeed: number) => number;

const scorers: Record<string, Scorer> = { cosine: (cosine) => cosine };
for (const least of [2, 3, 5, 10]) {
  scorers[`at least ${least} times`] = (cosine, count) => (count >= least ? cosine : -1);
}
for (const c of [0.5, 1, 2, 4, 8]) {
  scorers[`certainty n/(n+${c})`] = (cosine, count, ofSeed) =>
    cosine < 0 ? cosine : cosine * Math.sqrt((count / (count + c)) * (ofSeed / (ofSeed + c)));
}

const [name = 'demo', seeds = '3'] = process.argv.slice(2);
const corpus = await readBenchCorpus(name);
if (corpus === undefined) throw new Error(`There is no corpus "${name}" here.`);

/** Of each way to score and band of seeds: lists, hits, and the logarithms of how often the songs stand in playlists. */
const tallies = new Map<string, { lists: number; shown: number; hits: number; logs: number }>();
for (let seed = 1; seed <= Number(seeds); seed++) {
  const random = seededRandom(seed);
  const { train: learned, cases } = splitBenchCorpus(corpus, 'validation', seed);
  const { model, vocabulary } = await train(learned, readSettings({ seed }));
  const rows = new Map(Array.from(vocabulary.tokens, (token, row) => [token, row]));
  const input = searchable(model.input, model.dimensions);
  const output = searchable(model.output, model.dimensions);
  for (const each of cases) {
    const known = [...each.seeds, ...each.hidden].map((token) => rows.get(token)).filter((row) => row !== undefined);
    const inPlaylist = new Set(known);
    for (const row of shuffled(known, random).slice(0, SONGS_PER_PLAYLIST)) {
      const count = model.counts[row]!;
      const excluded = new Uint8Array(model.counts.length);
      excluded[row] = 1;
      const query = meanVector(input, [row]);
      const cosines = scoreRows(input, query, 'cosine');
      const lists = Object.entries(scorers).map(
        ([way, score]) => [way, cosines.map((cosine, other) => score(cosine, model.counts[other]!, count))] as const,
      );
      for (const [way, scores] of [...lists, ['input x output', scoreRows(output, query, 'dot')] as const]) {
        const near = topRows(scores, SHOWN, excluded).map((neighbour) => neighbour.row);
        for (const band of ['all', count === 1 ? 'once' : count < 5 ? '2 to 4' : '5 and more']) {
          const tally = tallies.get(`${way}, ${band}`) ?? { lists: 0, shown: 0, hits: 0, logs: 0 };
          tally.lists++;
          tally.shown += near.length;
          tally.hits += near.filter((other) => inPlaylist.has(other)).length;
          tally.logs += near.reduce((sum, other) => sum + Math.log2(model.counts[other]!), 0);
          tallies.set(`${way}, ${band}`, tally);
        }
      }
    }
  }
}
console.log(
  `${name}: hits per hundred songs shown, by how often the seed stands in playlists; times of the songs shown`,
);
console.log(
  `| way | ${BANDS.map((band) => `${band} (${tallies.get(`cosine, ${band}`)?.lists ?? 0})`).join(' | ')} | times |`,
);
for (const way of [...Object.keys(scorers), 'input x output']) {
  const cells = BANDS.map((band) => tallies.get(`${way}, ${band}`));
  const { logs, shown } = cells[0]!;
  const hits = cells.map((tally) => (tally === undefined ? '-' : ((100 * tally.hits) / tally.shown).toFixed(1)));
  console.log(`| ${way} | ${hits.join(' | ')} | ${(2 ** (logs / shown)).toFixed(1)} |`);
}
