// Writes a synthetic corpus, for a bench of another tool or to look at:
//   node bench/synthetic-playlists.ts <S | M | L | S/50> <folder> [decimal] [base62] [corpus]
// decimal, base62: a text file, one playlist a line, tokens as numbers or as 22-character ids; corpus: a corpus folder of ours.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CorpusWriter } from '../src/corpus/corpus-writer.ts';
import { readBenchCorpus } from './corpora/bench-corpus.ts';
import { base62Ids, ID_LENGTH, writeTextCorpus } from './corpora/text-corpus.ts';

const [name, folder, ...kinds] = process.argv.slice(2);
if (name === undefined || folder === undefined) throw new Error('Name a size (S, M, L, S/50) and a folder.');
mkdirSync(folder, { recursive: true });

const seconds = timer();
const corpus = await readBenchCorpus(name);
if (corpus === undefined) throw new Error(`There is no corpus called ${name}.`);
const { tokens, offsets } = corpus.sequences;
let tracks = 0;
for (let at = 0; at < tokens.length; at++) tracks = Math.max(tracks, tokens[at]! + 1);
const counts = new Uint32Array(tracks);
for (let at = 0; at < tokens.length; at++) counts[tokens[at]!]!++;
const used = counts.filter((count) => count > 0).sort();
console.log(
  `${name}: ${offsets.length - 1} playlists, ${tokens.length} tokens, ${used.length} tracks, ` +
    `${((used.lastIndexOf(1) + 1) / used.length).toFixed(2)} of them once, the best known ${used.at(-1)} times; ${seconds()} s`,
);

const fileName = name.replace('/', '-');
for (const spelling of ['decimal', 'base62'] as const) {
  if (!kinds.includes(spelling)) continue;
  const path = join(folder, `${fileName}.${spelling}.txt`);
  writeTextCorpus(path, corpus.sequences, spelling);
  console.log(`${path}; ${seconds()} s`);
}
if (kinds.includes('corpus')) {
  const writer = await CorpusWriter.create(folder, fileName);
  const ids = base62Ids(tracks);
  const indexes = Uint32Array.from(counts, (count, token) => {
    if (count === 0) return 0;
    const index = writer.vocabulary.indexOf(ids.toString('latin1', token * ID_LENGTH, (token + 1) * ID_LENGTH));
    writer.vocabulary.describe(index, `Track ${token}`, `Artist ${corpus.artistOf?.[token] ?? 0}`);
    return index;
  });
  for (let playlist = 0; playlist + 1 < offsets.length; playlist++) {
    for (let at = offsets[playlist]!; at < offsets[playlist + 1]!; at++) writer.token(indexes[tokens[at]!]!);
    writer.endPlaylist(`Playlist ${playlist}`);
  }
  const written = await writer.finish({ source: 'synthetic', createdAt: new Date(0) });
  console.log(`${written.folder}; ${seconds()} s`);
}

function timer(): () => string {
  let before = performance.now();
  return () => {
    const now = performance.now();
    const passed = ((now - before) / 1000).toFixed(1);
    before = now;
    return passed;
  };
}
