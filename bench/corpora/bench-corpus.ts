import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '../../src/base/random.ts';
import { projectRoot } from '../../src/config.ts';
import { openCorpus } from '../../src/corpus/corpus-file.ts';
import { CorpusWriter } from '../../src/corpus/corpus-writer.ts';
import { mergeParts } from '../../src/corpus/merge.ts';
import { readPlaylists, surveySource } from '../../src/corpus/playlist-source.ts';
import type { Vocabulary } from '../../src/corpus/vocabulary.ts';
import { normaliseName } from '../../src/music/track.ts';
import { groupPlaylists, type Holdout, shuffled, splitPlaylists } from '../../src/recommend/holdout.ts';
import { NO_ARTIST } from '../../src/recommend/recommender.ts';
import type { TokenSequences } from '../../src/vectors/vocabulary.ts';
import { SYNTHETIC_SHAPES, shrunk, synthesizePlaylists } from './synthetic-playlists.ts';

const LISTENERS = fileURLToPath(
  new URL('../../../shared/data/listeners/lastfm_listener_artist.tsv.gz', import.meta.url),
);

/** Put aside before anything is looked at: a fifth of the playlists, of a large corpus 600, as scoring more would take longer than training. */
const TEST = { share: 0.2, most: 600, seed: 2018 };
const VALIDATION = { share: 0.2, most: 600 };

export interface BenchCorpus {
  readonly name: string;
  readonly sequences: TokenSequences;
  /** One number a playlist; snapshots of one playlist share theirs. */
  readonly groups: Uint32Array;
  /** Number of each token's artist, where artists are known: not of listeners, whose tokens are artists. */
  readonly artistOf?: Uint32Array;
}

/**
 * A corpus by name: `S`, `M`, `L` (synthetic; `S/50` is a fiftieth of one), `demo` (the bundled playlists), `listeners` (HetRec
 * 2011 Last.fm from ../shared/data: listeners as playlists, artists as tracks; undefined where it is absent), or the folder of a
 * corpus, or a listeners file.
 */
export async function readBenchCorpus(name: string): Promise<BenchCorpus | undefined> {
  const synthetic = /^([SML])(?:\/(\d+))?$/.exec(name);
  if (synthetic !== null) {
    const shape = SYNTHETIC_SHAPES[synthetic[1] as keyof typeof SYNTHETIC_SHAPES];
    const { artistOf, ...sequences } = synthesizePlaylists(shrunk(shape, 1 / Number(synthetic[2] ?? 1)), 1);
    const groups = Uint32Array.from({ length: sequences.offsets.length - 1 }, (_, at) => at);
    return { name, sequences, groups, artistOf };
  }
  if (name === 'demo') return { name, ...(await readDemoPlaylists()) };
  if (name === 'listeners') return existsSync(LISTENERS) ? { name, ...readListeners(LISTENERS) } : undefined;
  if (name.endsWith('.tsv.gz')) return { name, ...readListeners(name) };
  return { name, ...(await readFolder(name)) };
}

/**
 * What is left to learn from, and the cases. `test` is for final figures only, and the same for all seeds; `validation` is to
 * steer by, never holds a playlist of the test, and is another for each seed.
 */
export function splitBenchCorpus(
  { sequences, groups }: BenchCorpus,
  split: 'validation' | 'test',
  seed: number,
): Holdout {
  const grouped = groupPlaylists(sequences, groups);
  const judgeable = grouped.judgeable.length;
  const put = ({ share, most }: typeof VALIDATION) => Math.min(most, Math.round(share * judgeable));
  const inOrder = shuffled(grouped.judgeable, seededRandom(TEST.seed));
  const test = inOrder.slice(0, put(TEST));
  const random = seededRandom(split === 'test' ? TEST.seed : seed);
  const held = split === 'test' ? test : shuffled(inOrder.slice(test.length), random).slice(0, put(VALIDATION));
  const learned = new Uint8Array(grouped.size).fill(1);
  for (const group of [...test, ...held]) learned[group] = 0;
  return splitPlaylists(sequences, grouped, learned, held, random);
}

async function readFolder(folder: string): Promise<Omit<BenchCorpus, 'name'>> {
  const corpus = await openCorpus(folder);
  return {
    sequences: { tokens: await corpus.readTokens(), offsets: await corpus.readOffsets() },
    groups: await corpus.readGroups(),
    artistOf: numberArtists(await corpus.readVocabulary()),
  };
}

/** By the primary artist's name. */
function numberArtists(vocabulary: Vocabulary): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from({ length: vocabulary.size }, (_, token) => {
    const name = normaliseName(vocabulary.entry(token).artists[0] ?? '');
    if (name === '') return NO_ARTIST;
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name)!;
  });
}

/** As `segue import-playlists` and `segue build-corpus` make the demo's training corpus, without a database. */
async function readDemoPlaylists(): Promise<Omit<BenchCorpus, 'name'>> {
  const signal = new AbortController().signal;
  const createdAt = new Date(0);
  const folder = await mkdtemp(join(tmpdir(), 'segue-bench-corpus-'));
  try {
    const source = await surveySource(join(projectRoot, 'data/demo'), { signal });
    const parts = [];
    for (const format of source.formats) {
      const writer = await CorpusWriter.create(folder, format.name);
      const { kept } = await readPlaylists(source, format, writer, { signal });
      if (kept === 0) await writer.discard();
      else {
        const written = await writer.finish({ source: format.name, createdAt });
        parts.push({ name: format.name, corpus: await openCorpus(written.folder) });
      }
    }
    parts.sort((a, b) => b.corpus.manifest.counts.tokens - a.corpus.manifest.counts.tokens);
    const writer = await CorpusWriter.create(folder, 'demo');
    await mergeParts(writer, parts, async () => {});
    return await readFolder((await writer.finish({ source: 'training', createdAt })).folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Listener, artist, plays: a listener stands for a playlist, an artist for a track. */
function readListeners(path: string): Omit<BenchCorpus, 'name'> {
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
