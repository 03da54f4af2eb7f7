// How fast are Million Playlist Dataset slices read into a corpus, against Python's json module merely parsing the same files?
//   node bench/read-mpd.ts [--slices 60] [--tracks 400000] [--rounds 5] [--threads 2,1,0] [--zip] [--plain]
// Real slices are 33 MB each, as these are; all 1,000 have 2.26 million tracks. Rounds are interleaved, so that whatever else the
// machine does meets all alike; the ratio is of medians. Processor seconds are printed too: on a busy machine they say more.
// 0 threads: the main thread reads, as it does for sources below 64 MB. --zip: packed as the dataset is distributed, too.
// --plain: also the reader that is the reference of the fast one.
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { Zip, ZipDeflate } from 'fflate';
import { CorpusWriter } from '../src/corpus/corpus-writer.ts';
import { readPlaylists, surveySource } from '../src/corpus/playlist-source.ts';
import { generateMpdSlices } from '../test/corpus/generate-mpd.ts';
import { median, printTable, sayMachine } from './training/report.ts';

const { values: options } = parseArgs({
  options: {
    slices: { type: 'string', default: '60' },
    tracks: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2,1,0' },
    zip: { type: 'boolean', default: false },
    plain: { type: 'boolean', default: false },
  },
});
const PYTHON = `
import glob, json, sys, time, zipfile
wall, cpu = time.perf_counter(), time.process_time()
tokens = 0
if sys.argv[1].endswith('.zip'):
    archive = zipfile.ZipFile(sys.argv[1])
    files = (archive.open(name) for name in archive.namelist())
else:
    files = (open(name) for name in sorted(glob.glob(sys.argv[1] + '/*.json')))
for file in files:
    with file:
        tokens += sum(len(playlist['tracks']) for playlist in json.load(file)['playlists'])
print(json.dumps({'tokens': tokens, 'wall': time.perf_counter() - wall, 'cpu': time.process_time() - cpu}))
`;

interface Measured {
  readonly tokens: number;
  readonly wall: number;
  readonly cpu: number;
}

const PEER = 'Python json.load, nothing made of it';

const folder = mkdtempSync(join(tmpdir(), 'segue-bench-mpd-'));
const signal = new AbortController().signal;

async function segue(path: string, threads: number, isPlain = false): Promise<Measured> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  const survey = await surveySource(path, { signal });
  const [format] = survey.formats;
  const { readInto, ...plain } = format!;
  const used = isPlain ? plain : format!;
  const formatOf = new Map([...survey.formatOf.keys()].map((name) => [name, used]));
  const writer = await CorpusWriter.create(folder, 'bench');
  await readPlaylists({ ...survey, formatOf }, used, writer, { signal, threads });
  const { manifest, folder: corpus } = await writer.finish({ source: used.name, createdAt: new Date(0) });
  const wall = (performance.now() - before) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  rmSync(corpus, { recursive: true });
  return { tokens: manifest.counts.tokens, wall, cpu: (cpu.user + cpu.system) / 1e6 };
}

function python(path: string): Measured | undefined {
  const run = spawnSync('python3', ['-c', PYTHON, path], { encoding: 'utf8' });
  return run.status === 0 ? (JSON.parse(run.stdout) as Measured) : undefined;
}

async function packSlices(files: readonly string[], path: string): Promise<void> {
  const out = createWriteStream(path);
  const zip = new Zip((error, chunk, isLast) => {
    if (error) out.destroy(error);
    else out.write(chunk);
    if (isLast) out.end();
  });
  for (const file of files) {
    const entry = new ZipDeflate(`data/${basename(file)}`, { level: 6 });
    zip.add(entry);
    entry.push(readFileSync(file), true);
  }
  zip.end();
  await finished(out);
}

async function compare(bytes: number, readers: Record<string, () => Promise<Measured | undefined>>): Promise<void> {
  const results = new Map<string, Measured[]>(Object.keys(readers).map((name) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, read] of Object.entries(readers)) {
      const measured = await read();
      if (measured) results.get(name)!.push(measured);
    }
  }
  const peer = results.get(PEER)!;
  const wallOf = (runs: readonly Measured[]) => median(runs.map(({ wall }) => wall));
  const cpuOf = (runs: readonly Measured[]) => median(runs.map(({ cpu }) => cpu));
  printTable(
    [...results]
      .filter(([, runs]) => runs.length > 0)
      .map(([reader, runs]) => ({
        reader,
        tokens: runs[0]!.tokens,
        'MB/s': Math.round(bytes / 1e6 / wallOf(runs)),
        'times Python': peer.length > 0 ? (wallOf(peer) / wallOf(runs)).toFixed(2) : '',
        'MB per processor second': Math.round(bytes / 1e6 / cpuOf(runs)),
        'times Python by processor': peer.length > 0 ? (cpuOf(peer) / cpuOf(runs)).toFixed(2) : '',
        rounds: runs.length,
      })),
  );
  if (peer.length === 0) console.log('No python3 here: nothing to compare with.');
}

sayMachine();
try {
  const slices = join(folder, 'slices');
  const shape = { slices: Number(options.slices), playlists: 1000, tracks: Number(options.tracks), seed: 1 };
  const { bytes, files } = generateMpdSlices(slices, shape);
  const zip = join(folder, 'spotify_million_playlist_dataset.zip');
  if (options.zip) await packSlices(files.toSorted(), zip);
  console.log(`${options.slices} slices, ${(bytes / 1e6).toFixed(0)} MB`);

  const counts = options.threads.split(',').map(Number);
  await compare(bytes, {
    ...Object.fromEntries(counts.map((threads) => [`Segue, ${threads} threads`, async () => segue(slices, threads)])),
    ...(options.plain ? { 'Segue, plain reader': async () => segue(slices, 0, true) } : {}),
    [PEER]: async () => python(slices),
  });
  if (options.zip) {
    await compare(bytes, {
      [`Segue, zip, ${counts[0]} threads`]: async () => segue(zip, counts[0]!),
      [PEER]: async () => python(zip),
    });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
