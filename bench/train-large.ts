// How long does a corpus of the size of the Million Playlist Dataset take, and how much memory?
//   node bench/train-large.ts [--corpus L] [--epochs 5] [--threads 2] [--dimensions 100] [--folder <scratch>] [--settings '{}']
// One million playlists, 66 million tokens, 2.26 million tracks, CBOW over the whole playlist, both matrices kept. The playlists are
// made by another process and read from a corpus folder, as `segue train-vectors` reads one, so that the memory is training's.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openCorpus } from '../src/corpus/corpus-file.ts';
import { readSettings } from '../src/vectors/settings.ts';
import { train } from '../src/vectors/train.ts';
import { buildVocabulary } from '../src/vectors/vocabulary.ts';
import { DIMENSIONS } from './training/methods.ts';
import { median, printTable, sayMachine, thousands } from './training/report.ts';

const { values: options } = parseArgs({
  options: {
    corpus: { type: 'string', default: 'L' },
    epochs: { type: 'string', default: '5' },
    threads: { type: 'string', default: `${Math.min(2, availableParallelism())}` },
    dimensions: { type: 'string', default: `${DIMENSIONS}` },
    folder: { type: 'string' },
    settings: { type: 'string', default: '{}' },
  },
});

sayMachine();
const scratch = options.folder ?? mkdtempSync(join(tmpdir(), 'segue-bench-large-'));
try {
  const opened = performance.now();
  const corpus = await openCorpus(findCorpus(scratch) ?? makeCorpus(scratch));
  const madeIn = since(opened);
  const read = performance.now();
  const sequences = { tokens: await corpus.readTokens(), offsets: await corpus.readOffsets() };
  const readIn = since(read);

  const threads = Number(options.threads);
  const settings = readSettings({
    algorithm: 'cbow',
    window: 'playlist',
    dimensions: Number(options.dimensions),
    epochs: Number(options.epochs),
    ...JSON.parse(options.settings),
  });
  const ends: number[] = [];
  const began = performance.now();
  const { vocabulary, tokens, losses } = await train(sequences, settings, {
    threads,
    onEpoch: (epoch, loss) => {
      ends.push(performance.now());
      console.error(`epoch ${epoch + 1} of ${settings.epochs}: ${since(began).toFixed(1)} s, loss ${loss.toFixed(4)}`);
    },
  });
  const trainedIn = since(began);
  const peak = peakMb();
  const counted = performance.now();
  buildVocabulary(sequences, settings.minCount);
  const countedIn = since(counted);
  const epochSeconds = ends.slice(1).map((end, at) => (end - ends[at]!) / 1000);
  printTable([
    {
      what: 'corpus',
      figure: `${corpus.manifest.counts.playlists} playlists, ${sequences.tokens.length} tokens, ${vocabulary.tokens.length} tracks`,
    },
    {
      what: 'settings',
      figure: `${settings.dimensions} dimensions, ${settings.epochs} epochs, rate ${settings.learningRate}, exponent ${settings.negativeExponent}, ${threads} threads`,
    },
    {
      what: 'making the playlists and their folder (none of this when it was there)',
      figure: `${madeIn.toFixed(1)} s`,
    },
    { what: 'reading the corpus, checksums included', figure: `${readIn.toFixed(1)} s` },
    { what: 'vocabulary (part of the next)', figure: `${countedIn.toFixed(1)} s` },
    { what: 'training, all of it', figure: `${trainedIn.toFixed(1)} s, ${thousands(tokens / trainedIn)} tokens/s` },
    {
      what: 'one epoch (median after the first)',
      figure:
        epochSeconds.length === 0
          ? '-'
          : `${median(epochSeconds).toFixed(1)} s, ${thousands(sequences.tokens.length / median(epochSeconds))} tokens/s`,
    },
    { what: 'loss, first and last epoch', figure: `${losses[0]!.toFixed(3)}, ${losses.at(-1)!.toFixed(3)}` },
    { what: 'peak memory of the process', figure: `${peak.toFixed(0)} MB` },
  ]);
} finally {
  if (options.folder === undefined) rmSync(scratch, { recursive: true });
}

function findCorpus(folder: string): string | undefined {
  const prefix = `${options.corpus.replace('/', '-')}-`;
  const name = readdirSync(folder).find((entry) => entry.startsWith(prefix));
  return name === undefined ? undefined : join(folder, name);
}

function makeCorpus(folder: string): string {
  const script = fileURLToPath(new URL('synthetic-playlists.ts', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, options.corpus, folder, 'corpus'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('The playlists could not be made.');
  return findCorpus(folder)!;
}

/** The most this process ever had resident: the kernel's own count where there is one. */
function peakMb(): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

function since(before: number): number {
  return (performance.now() - before) / 1000;
}
