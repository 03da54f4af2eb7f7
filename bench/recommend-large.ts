// How long does one `recommend` take over 2.26 million tracks and a million playlists, how much memory, and how long until all is ready?
//   node bench/recommend-large.ts [--corpus L] [--folder <scratch>] [--epochs 1] [--seeds 100] [--rounds 5] [--threads 2]
// The tasks themselves do it, each in a process of its own: `train-vectors` (few epochs: an answer takes as long with better
// vectors), `fit-recommenders`, then `recommend` for a listener whose 100 songs of the last week come from four playlists. The first opens
// the model and the recommenders; the others find them open, as in a service. With --folder what was made there is used again.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ManualClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { noProgress } from '../src/base/progress.ts';
import { seededRandom } from '../src/base/random.ts';
import type { TaskContext } from '../src/base/task.ts';
import { projectRoot } from '../src/config.ts';
import { openCorpus } from '../src/corpus/corpus-file.ts';
import { openStore } from '../src/store/connect.ts';
import { saveCorpus } from '../src/store/corpora.ts';
import { ensureListener } from '../src/store/listeners.ts';
import { saveApiPlays } from '../src/store/plays.ts';
import { saveTracks } from '../src/store/tracks.ts';
import { corpusRow } from '../src/tasks/corpus-rows.ts';
import { fitRecommenders } from '../src/tasks/fit-recommenders.ts';
import { keepRecommenders } from '../src/tasks/kept-recommenders.ts';
import { recommend } from '../src/tasks/recommend.ts';
import { trainVectors } from '../src/tasks/train-vectors.ts';
import { median, printTable, sayMachine } from './training/report.ts';

const { values: options } = parseArgs({
  options: {
    corpus: { type: 'string', default: 'L' },
    folder: { type: 'string' },
    epochs: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    step: { type: 'string' },
  },
});
const NOW = new Date('2026-11-22T14:00:00Z');
const MINUTE_MS = 60_000;
const threads = Number(options.threads);

type Step = (folder: string) => Promise<Record<string, string | number>>;

const STEPS: Record<string, Step> = {
  'train-vectors': async (folder) => {
    const seconds = timer();
    await withStore(folder, async (store) => {
      const corpus = join(folder, 'corpora', readdirSync(join(folder, 'corpora'))[0]!);
      const { manifest } = await openCorpus(corpus);
      await saveCorpus(store.db, {
        ...corpusRow('training', { folder: corpus, manifest, isNew: true }),
        createdAt: NOW,
      });
      const input = { algorithm: 'cbow', window: 'playlist', dimensions: 100, epochs: Number(options.epochs), threads };
      await trainVectors({ store, dataDir: folder }).run(input, contextOf('train'));
    });
    return { what: `train-vectors, ${options.epochs} epochs`, seconds: seconds(), 'peak MB': peakMb() };
  },
  'fit-recommenders': async (folder) => {
    const seconds = timer();
    await withStore(folder, async (store, listenerId) => {
      const deps = { store, dataDir: folder, listenerId, trainOnApiContent: false };
      await fitRecommenders(deps).run({ threads }, { ...contextOf('fit'), progress: sayProgress(seconds) });
    });
    return { what: 'fit-recommenders, twice what it learns', seconds: seconds(), 'peak MB': peakMb() };
  },
  recommend: async (folder) => {
    const rows: string[] = [];
    await withStore(folder, async (store, listenerId) => {
      await listen(store, folder, listenerId);
      const recommenders = keepRecommenders({ store, dataDir: folder });
      const task = recommend({
        store,
        recommenders,
        listenerId,
        timeZone: 'UTC',
        recipes: { bundled: join(projectRoot, 'data/recipes'), own: join(folder, 'recipes') },
      });
      for (let round = 0; round <= Number(options.rounds); round++) {
        const seconds = timer();
        const output = await task.run({ days: 7 }, contextOf(`${NOW.toISOString()} ${round} ${process.pid}`));
        rows.push(seconds());
        console.error(`round ${round}: ${rows.at(-1)} s`, JSON.stringify(output));
      }
      await recommenders.close();
    });
    const [first, ...others] = rows.map(Number);
    return {
      what: `recommend, ${options.seeds} songs to start from`,
      seconds: `${first!.toFixed(2)} with opening, then ${median(others).toFixed(2)} (${Math.min(...others)} to ${Math.max(...others)})`,
      'peak MB': peakMb(),
    };
  },
};

if (options.step !== undefined) {
  console.log(JSON.stringify(await STEPS[options.step]!(options.folder!)));
} else {
  sayMachine();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'segue-bench-recommend-'));
  try {
    makeCorpus(folder);
    printTable(
      Object.keys(STEPS).flatMap((step) => {
        if (step !== 'recommend' && existsSync(join(folder, step === 'train-vectors' ? 'models' : 'blends'))) return [];
        return [runStep(step, folder)];
      }),
    );
  } finally {
    if (options.folder === undefined) rmSync(folder, { recursive: true });
  }
}

function runStep(step: string, folder: string): Record<string, string | number> {
  const script = fileURLToPath(import.meta.url);
  const own = process.argv.slice(2).filter((each, at, all) => each !== '--folder' && all[at - 1] !== '--folder');
  const { status, stdout } = spawnSync(process.execPath, [script, ...own, '--folder', folder, '--step', step], {
    stdio: ['ignore', 'pipe', 2],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${step} failed.`);
  return JSON.parse(stdout);
}

function makeCorpus(folder: string): void {
  if (existsSync(join(folder, 'corpora'))) return;
  const scratch = join(folder, 'making');
  const script = fileURLToPath(new URL('synthetic-playlists.ts', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, options.corpus, scratch, 'corpus'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('The playlists could not be made.');
  renameSync(scratch, join(folder, 'corpora'));
}

async function withStore(
  folder: string,
  use: (store: Awaited<ReturnType<typeof openStore>>, listenerId: number) => Promise<void>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const store = await openStore({ dataDir: folder, schema: 'segue' });
  try {
    await use(store, await ensureListener(store.db, 'bench'));
  } finally {
    await store.close();
  }
}

/** Plays of the last week: the songs of a few playlists, one every half hour. */
async function listen(store: Awaited<ReturnType<typeof openStore>>, folder: string, listenerId: number): Promise<void> {
  const [name] = readdirSync(join(folder, 'corpora'));
  const corpus = await openCorpus(join(folder, 'corpora', name!));
  const [tokens, offsets, vocabulary] = [
    await corpus.readTokens(),
    await corpus.readOffsets(),
    await corpus.readVocabulary(),
  ];
  const wanted = Number(options.seeds);
  const chosen = new Set<number>();
  const random = seededRandom(7);
  while (chosen.size < wanted) {
    const playlist = Math.floor(random() * (offsets.length - 1));
    const songs = tokens.subarray(offsets[playlist]!, offsets[playlist + 1]!).subarray(0, Math.ceil(wanted / 4));
    for (const token of songs) if (chosen.size < wanted) chosen.add(token);
  }
  const entries = Array.from(chosen, (token) => vocabulary.entry(token));
  await saveTracks(store.db, entries);
  const plays = entries.map(({ id }, at) => ({
    trackId: id,
    endedAt: new Date(NOW.getTime() - (at + 1) * 30 * MINUTE_MS),
  }));
  await saveApiPlays(store.db, listenerId, plays as never, { fetchedAt: NOW, pageIsFull: false });
}

function contextOf(runKey: string): TaskContext {
  return {
    runKey,
    attempt: 1,
    signal: new AbortController().signal,
    log: silentLog,
    progress: noProgress,
    clock: new ManualClock(NOW),
    random: seededRandom(1),
  };
}

function sayProgress(seconds: () => string): TaskContext['progress'] {
  let last = '';
  return ({ label }) => {
    if (label !== last) console.error(`${seconds()} s: ${label}, ${peakMb()} MB`);
    last = label ?? '';
  };
}

function timer(): () => string {
  const began = performance.now();
  return () => ((performance.now() - began) / 1000).toFixed(2);
}

/** The most this process ever had resident: the kernel's own count where there is one. */
function peakMb(): number {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024);
  } catch {
    return Math.round(process.resourceUsage().maxRSS / 1024);
  }
}
