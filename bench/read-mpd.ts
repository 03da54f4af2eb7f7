// How fast are Million Playlist Dataset slices read into a corpus, against Python's json module merely parsing the same files?
// node bench/read-mpd.ts [slices=20] [rounds=5]. Real slices are 33 MB each, as these are. Rounds are interleaved, so that whatever else the
// machine does meets all alike; the ratio is of medians. CPU seconds are printed too: on a busy machine they say more.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CorpusWriter } from '../src/corpus/corpus-writer.ts';
import { millionPlaylistDataset } from '../src/corpus/mpd.ts';
import { readPlaylists, surveySource } from '../src/corpus/playlist-source.ts';
import { generateMpdSlices } from '../test/corpus/generate-mpd.ts';

const [slices = 20, rounds = 5] = process.argv.slice(2).map(Number);
const PYTHON = `
import glob, json, sys, time
wall, cpu = time.perf_counter(), time.process_time()
tokens = 0
for name in sorted(glob.glob(sys.argv[1] + '/*.json')):
    with open(name) as file:
        tokens += sum(len(playlist['tracks']) for playlist in json.load(file)['playlists'])
print(json.dumps({'tokens': tokens, 'wall': time.perf_counter() - wall, 'cpu': time.process_time() - cpu}))
`;

interface Measured {
  readonly tokens: number;
  readonly wall: number;
  readonly cpu: number;
}

const folder = mkdtempSync(join(tmpdir(), 'segue-bench-mpd-'));
const signal = new AbortController().signal;

async function segue(reader: 'fast' | 'plain'): Promise<Measured> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  const survey = await surveySource(join(folder, 'slices'), { signal });
  const { readInto, ...plain } = millionPlaylistDataset;
  const format = reader === 'fast' ? { ...plain, readInto: readInto! } : plain;
  const formatOf = new Map([...survey.formatOf.keys()].map((name) => [name, format]));
  const writer = await CorpusWriter.create(folder, reader);
  await readPlaylists({ ...survey, formatOf }, format, writer, { signal });
  const { manifest, folder: corpus } = await writer.finish({ source: format.name, createdAt: new Date(0) });
  const wall = (performance.now() - before) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  rmSync(corpus, { recursive: true });
  return { tokens: manifest.counts.tokens, wall, cpu: (cpu.user + cpu.system) / 1e6 };
}

function python(): Measured | undefined {
  const run = spawnSync('python3', ['-c', PYTHON, join(folder, 'slices')], { encoding: 'utf8' });
  return run.status === 0 ? (JSON.parse(run.stdout) as Measured) : undefined;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

try {
  const { bytes } = generateMpdSlices(join(folder, 'slices'), { slices, playlists: 1000, tracks: 100_000, seed: 1 });
  const results: Record<string, Measured[]> = {
    'segue, into a corpus': [],
    'segue, plain reader': [],
    'python json.load': [],
  };
  for (let round = 0; round < rounds; round++) {
    results['segue, into a corpus']!.push(await segue('fast'));
    const parsed = python();
    if (parsed) results['python json.load']!.push(parsed);
    if (round < 2) results['segue, plain reader']!.push(await segue('plain'));
  }
  const rows = Object.entries(results)
    .filter(([, runs]) => runs.length > 0)
    .map(([reader, runs]) => ({
      reader,
      'MB/s': Math.round(bytes / 1e6 / median(runs.map(({ wall }) => wall))),
      'MB per CPU second': Math.round(bytes / 1e6 / median(runs.map(({ cpu }) => cpu))),
      tokens: runs[0]!.tokens,
      rounds: runs.length,
    }));
  console.log(`${slices} slices, ${(bytes / 1e6).toFixed(0)} MB, Node ${process.version}`);
  console.table(rows);
  const other = rows.find(({ reader }) => reader.startsWith('python'));
  if (other) {
    const ratio = (key: 'MB/s' | 'MB per CPU second') => (rows[0]![key] / other[key]).toFixed(2);
    console.log(`Ratio to Python: ${ratio('MB/s')} in time, ${ratio('MB per CPU second')} in CPU.`);
  } else console.log('No python3 here: nothing to compare with.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
