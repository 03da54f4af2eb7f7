// How long a model's catalogue of 2.26 million tracks takes to write and open, how long the event loop waits meanwhile, what
// look-ups cost, and how long a misspelt song takes to get its suggestions.
// node bench/open-catalogue.ts [rows] [rounds]
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type CatalogueTrack, keyOf } from '../src/recommend/catalogue.ts';
import { catalogueFiles, openCatalogue } from '../src/recommend/catalogue-file.ts';
import { nearTitles } from '../src/recommend/near-titles.ts';
import { writeModel } from '../src/vectors/model-file.ts';
import { readManifest } from '../src/vectors/model-manifest.ts';
import { readSettings } from '../src/vectors/settings.ts';

const rows = Number(process.argv[2] ?? 2_260_000);
const rounds = Number(process.argv[3] ?? 5);
console.log(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.versions.node}, ${rows} rows`);

const folder = await mkdtemp(join(tmpdir(), 'segue-bench-'));
try {
  const vectors = () => new Float32Array(rows);
  const files = await measured('make columns and indexes', () => catalogueFiles(tracks()));
  await writeModel(
    folder,
    { dimensions: 1, counts: new Uint32Array(rows), input: vectors(), output: vectors() },
    { settings: readSettings({}), trainer: 'bench', corpus: { fingerprint: '' }, metrics: {} },
    files,
  );
  const sizes = await Promise.all(Object.keys(files).map(async (name) => (await stat(join(folder, name))).size));
  console.log(`${(sizes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(0)} MB in ${sizes.length} files`);

  const manifest = await readManifest(folder);
  const heap = process.memoryUsage().heapUsed;
  for (let round = 1; round < rounds; round++) await measured('open', () => openCatalogue(folder, manifest));
  const catalogue = await measured('open', () => openCatalogue(folder, manifest));
  console.log(`heap grew by ${((process.memoryUsage().heapUsed - heap) / 1e6).toFixed(1)} MB`);

  const some = Array.from({ length: 20_000 }, (_, i) => catalogue.track((i * 7919) % rows));
  perCall('track', some.length, () => some.forEach((_, i) => void catalogue.track((i * 6007) % rows)));
  perCall('rowOfId', some.length, () => some.forEach(({ id }) => void catalogue.rowOfId(id)));
  perCall('rowOfId, unknown', some.length, () => some.forEach(({ id }) => void catalogue.rowOfId(`${id}x`)));
  perCall('rowOfIsrc', some.length, () => some.forEach(({ isrc }) => void catalogue.rowOfIsrc(isrc!)));
  const keys = some.map(keyOf);
  perCall('rowOfRecording', keys.length, () => keys.forEach((key) => void catalogue.rowOfRecording(key)));
  perCall('rowsOfTitle', some.length, () => some.forEach(({ title }) => void catalogue.rowsOfTitle(title)));
  for (const text of ['Artst 77 - Tusk of Velvt', 'zzzz qqqq', 'velvet']) {
    await measured(`suggestions for "${text}"`, () => nearTitles(catalogue, text, 3));
  }
} finally {
  await rm(folder, { recursive: true });
}

async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const startedAt = performance.now();
  const result = await work();
  const ms = performance.now() - startedAt;
  loop.disable();
  console.log(`${name.padEnd(42)} ${ms.toFixed(0)} ms, event loop blocked ${(loop.max / 1e6).toFixed(0)} ms at most`);
  return result;
}

function perCall(name: string, calls: number, work: () => void): void {
  work();
  const startedAt = performance.now();
  work();
  console.log(`${name.padEnd(42)} ${(((performance.now() - startedAt) * 1000) / calls).toFixed(2)} µs`);
}

/** Titles of one to five words, about 18 letters, some of them editions; artists with a few songs each, as in real playlists. */
function* tracks(): Generator<CatalogueTrack> {
  const words = 'velvet river night the of Tusk Älskling summer gold 日本 love broken road и пара fire blue'.split(' ');
  const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let state = 42;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let row = 0; row < rows; row++) {
    const title = Array.from({ length: 1 + below(5) }, () => words[below(words.length)]).join(' ');
    const edition = ['', '', '', '', ' - Remastered 2011', ' (feat. Somebody)', ' (Live at Wembley)'][below(7)]!;
    yield {
      id: Array.from({ length: 22 }, () => letters[below(62)]).join(''),
      title: `${title} ${below(1000)}${edition}`,
      artists: [`Artist ${below(Math.ceil(rows / 8))} and the ${words[below(words.length)]}`],
      isrc: `SE${String(row).padStart(10, '0')}`,
    };
  }
}
