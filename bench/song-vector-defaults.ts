// Which settings make the best song vectors? Held-out continuation on validation playlists, never on the test split:
//   node bench/song-vector-defaults.ts <corpus folder | listeners.tsv.gz> '[{"epochs":20},{"epochs":40}]'
// One line a setting: mean over three validation splits. docs/decisions/0005-song-vector-defaults.md has the answers.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { openCorpus } from '../src/corpus/corpus-file.ts';
import { catalogueOf } from '../src/recommend/catalogue.ts';
import { DEPTH, judge, meanScores, type Scores } from '../src/recommend/evaluation.ts';
import { holdOut } from '../src/recommend/holdout.ts';
import { fitSongVectors } from '../src/recommend/song-vectors.ts';
import { meanVector, nearest, searchable } from '../src/vectors/nearest.ts';
import { trainReference } from '../src/vectors/reference-trainer.ts';
import { readSettings } from '../src/vectors/settings.ts';
import { buildVocabulary, type TokenSequences } from '../src/vectors/vocabulary.ts';

/** The test split: this fifth of the playlists is put aside before anything is looked at. */
const TEST = { share: 0.2, seed: 2018 };
const VALIDATION = [1, 2, 3].map((seed) => ({ share: 0.25, seed }));

interface GroupedCorpus {
  readonly sequences: TokenSequences;
  readonly groups: Uint32Array;
}

async function readPlaylists(path: string): Promise<GroupedCorpus> {
  if (path.endsWith('.tsv.gz')) return readListeners(path);
  const corpus = await openCorpus(path);
  return {
    sequences: { tokens: await corpus.readTokens(), offsets: await corpus.readOffsets() },
    groups: await corpus.readGroups(),
  };
}

/** Listener, artist, plays: a listener stands for a playlist, an artist for a track. */
function readListeners(path: string): GroupedCorpus {
  const artistsOf = new Map<string, Set<number>>();
  for (const line of gunzipSync(readFileSync(path)).toString().trim().split('\n').slice(1)) {
    const [listener, artist] = line.split('\t') as [string, string];
    if (!artistsOf.has(listener)) artistsOf.set(listener, new Set());
    artistsOf.get(listener)!.add(Number(artist));
  }
  const lists = [...artistsOf.values()].map((artists) => [...artists]);
  const offsets = new Uint32Array(lists.length + 1);
  for (const [at, list] of lists.entries()) offsets[at + 1] = offsets[at]! + list.length;
  return {
    sequences: { tokens: Uint32Array.from(lists.flat()), offsets },
    groups: Uint32Array.from(lists, (_, at) => at),
  };
}

async function measure(corpus: GroupedCorpus, overrides: object): Promise<Record<string, number | string>> {
  const settings = readSettings(overrides);
  const rest = holdOut(corpus.sequences, corpus.groups, TEST);
  const scores: Record<'together' | 'cosine' | 'recommender', Scores[]> = { together: [], cosine: [], recommender: [] };
  let cpuMicros = 0;
  for (const split of VALIDATION) {
    const { train, cases } = holdOut(rest.train, rest.trainGroups, split);
    const vocabulary = buildVocabulary(train, settings.minCount);
    const before = process.cpuUsage();
    const { model } = trainReference(train, vocabulary, settings);
    cpuMicros += process.cpuUsage(before).user;
    const catalogue = catalogueOf(
      Array.from(vocabulary.tokens, (token) => ({ id: String(token), title: '', artists: [] })),
    );
    const input = searchable(model.input, model.dimensions);
    const output = searchable(model.output, model.dimensions);
    const recommender = fitSongVectors(model, catalogue);
    for (const { seeds, hidden } of cases) {
      const rows = seeds.map((token) => vocabulary.rowOf[token] ?? -1).filter((row) => row >= 0);
      const excluded = new Uint8Array(catalogue.size);
      for (const row of rows) excluded[row] = 1;
      const tokens = (near: readonly { row: number }[]) => near.map(({ row }) => vocabulary.tokens[row]!);
      const query = rows.length === 0 ? undefined : meanVector(input, rows);
      const together = query ? nearest(output, query, { k: DEPTH, measure: 'dot', excluded }) : [];
      const cosine = query ? nearest(input, query, { k: DEPTH, measure: 'cosine', excluded }) : [];
      scores.together.push(judge(tokens(together), hidden));
      scores.cosine.push(judge(tokens(cosine), hidden));
      const seedTracks = seeds.map((token) => ({ trackId: String(token), weight: 1 }));
      const candidates = await recommender.candidates(seedTracks, DEPTH);
      scores.recommender.push(
        judge(
          candidates.map(({ trackId }) => Number(trackId)),
          hidden,
        ),
      );
    }
  }
  const ndcg = (name: keyof typeof scores) => meanScores(scores[name]).ndcg.toFixed(4);
  return {
    settings: JSON.stringify(overrides),
    inputXOutput: ndcg('together'),
    meanCosine: ndcg('cosine'),
    recommender: ndcg('recommender'),
    cases: scores.together.length,
    cpuSecondsPerTraining: (cpuMicros / 1e6 / VALIDATION.length).toFixed(1),
  };
}

const [path, variants = '[{}]'] = process.argv.slice(2);
if (path === undefined) throw new Error('Name a corpus folder (segue build-corpus makes one) or a listeners file.');
const corpus = await readPlaylists(path);
for (const overrides of JSON.parse(variants) as object[]) console.log(JSON.stringify(await measure(corpus, overrides)));
