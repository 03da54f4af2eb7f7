import { join } from 'node:path';
import { writeWholeFolder } from '../base/whole-folder.ts';
import type { Model } from './model.ts';
import {
  damagedModel,
  MODEL_FORMAT,
  MODEL_VERSION,
  type ModelAbout,
  type ModelManifest,
  readManifest,
} from './model-manifest.ts';
import { type CheckedFile, readParts, writeParts } from './model-parts.ts';
import { reserveVectors } from './search-memory.ts';

// A model is a directory: manifest.json, input.f32 and output.f32 (n x d, row-major, little-endian f32), counts.u32 (n)
// and whatever files the caller adds. It appears under its name whole or not at all.

const CHUNK = 16 * 1024 * 1024;

export interface ModelExtras {
  readonly [name: string]: Iterable<Uint8Array>;
}

export interface OpenedModel {
  readonly model: Model;
  readonly manifest: ModelManifest;
}

/**
 * Writes a model directory; an older one of that name is replaced. `extras`: further files by name, each the parts of
 * its bytes (what the track of each row is, for example). Everything is fsync'd before the directory gets its name.
 * Throws ExpectedError `disk-full` (retryable) or `model-not-writable`.
 */
export async function writeModel(
  directory: string,
  model: Model,
  about: ModelAbout,
  extras: ModelExtras = {},
): Promise<ModelManifest> {
  return await writeWholeFolder(directory, 'model-not-writable', (partial) =>
    fillDirectory(partial, model, about, extras),
  );
}

async function fillDirectory(
  partial: string,
  model: Model,
  about: ModelAbout,
  extras: ModelExtras,
): Promise<ModelManifest> {
  const files: ModelManifest['files'] = {};
  files['input.f32'] = await writeParts(join(partial, 'input.f32'), bytesOf(model.input));
  files['output.f32'] = await writeParts(join(partial, 'output.f32'), bytesOf(model.output));
  files['counts.u32'] = await writeParts(join(partial, 'counts.u32'), bytesOf(model.counts));
  for (const [name, parts] of Object.entries(extras)) files[name] = await writeParts(join(partial, name), parts);
  const manifest: ModelManifest = {
    format: MODEL_FORMAT,
    version: MODEL_VERSION,
    rows: model.counts.length,
    dimensions: model.dimensions,
    settings: { ...about.settings },
    trainer: about.trainer,
    corpus: { ...about.corpus },
    metrics: { ...about.metrics },
    files,
  };
  await writeParts(join(partial, 'manifest.json'), [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
  return manifest;
}

/**
 * Opens a model directory, every file checked against its size and sums. The vectors are read once, into memory that the
 * kernel searches and worker threads share. Throws ExpectedError `model-missing`, `model-too-new`, `model-damaged`,
 * `too-much-for-the-kernel` or `out-of-memory`.
 */
export async function openModel(directory: string): Promise<OpenedModel> {
  const manifest = await readManifest(directory);
  const { rows, dimensions } = manifest;
  // Before their memory is reserved: a damaged manifest could ask for any.
  for (const name of ['input.f32', 'output.f32']) checkedFile(directory, name, manifest, rows * dimensions * 4);
  const held = { input: reserveVectors(rows, dimensions), output: reserveVectors(rows, dimensions) };
  const [counts] = await Promise.all([
    readModelFile(directory, 'counts.u32', manifest, rows * 4),
    readInto(directory, 'input.f32', manifest, held.input.values),
    readInto(directory, 'output.f32', manifest, held.output.values),
  ]);
  const { input, output } = held;
  return {
    model: { dimensions, counts: new Uint32Array(counts), input: input.values, output: output.values, held },
    manifest,
  };
}

/**
 * One file of a model directory, checked against its size and sums, in memory that worker threads can share. `wanted`:
 * its size in bytes where its shape says it. Throws ExpectedError `model-damaged`.
 */
export async function readModelFile(
  directory: string,
  name: string,
  manifest: ModelManifest,
  wanted?: number,
): Promise<SharedArrayBuffer> {
  const memory = new SharedArrayBuffer(checkedFile(directory, name, manifest, wanted).bytes);
  await readInto(directory, name, manifest, new Uint8Array(memory));
  return memory;
}

function checkedFile(directory: string, name: string, manifest: ModelManifest, wanted?: number): CheckedFile {
  const known = manifest.files[name];
  if (known === undefined) throw damagedModel(directory, `manifest.json does not list ${name}`);
  if (wanted === undefined || known.bytes === wanted) return known;
  throw damagedModel(directory, `${name} should have ${wanted} bytes by its shape, the manifest says ${known.bytes}`);
}

async function readInto(
  directory: string,
  name: string,
  manifest: ModelManifest,
  { buffer, byteOffset, byteLength }: Float32Array | Uint8Array,
): Promise<void> {
  const known = checkedFile(directory, name, manifest, byteLength);
  const wrong = await readParts(join(directory, name), new Uint8Array(buffer, byteOffset, byteLength), known);
  if (wrong !== undefined) throw damagedModel(directory, `${name} ${wrong}`);
}

/** In pieces, since nothing takes more than 4 GiB at once; rows are tight. */
function* bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array): Generator<Uint8Array> {
  for (let at = 0; at < byteLength; at += CHUNK) {
    yield new Uint8Array(buffer, byteOffset + at, Math.min(CHUNK, byteLength - at));
  }
}
