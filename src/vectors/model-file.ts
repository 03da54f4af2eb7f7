import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { syncFolder } from '../base/sync-folder.ts';
import { makeUnfinishedFolder } from '../base/unfinished-folder.ts';
import { asWriteFailure } from '../base/write-failure.ts';
import type { Model } from './model.ts';
import {
  damagedModel,
  MODEL_FORMAT,
  MODEL_VERSION,
  type ModelAbout,
  type ModelManifest,
  readManifest,
} from './model-manifest.ts';

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
  try {
    return await writeDirectory(directory, model, about, extras);
  } catch (error) {
    throw asWriteFailure(error, 'model-not-writable', dirname(directory));
  }
}

async function writeDirectory(
  directory: string,
  model: Model,
  about: ModelAbout,
  extras: ModelExtras,
): Promise<ModelManifest> {
  const parent = dirname(directory);
  const partial = await makeUnfinishedFolder(parent);
  try {
    const manifest = await fillDirectory(partial, model, about, extras);
    await rm(directory, { recursive: true, force: true });
    await rename(partial, directory);
    await syncFolder(parent);
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function fillDirectory(
  partial: string,
  model: Model,
  about: ModelAbout,
  extras: ModelExtras,
): Promise<ModelManifest> {
  const files: ModelManifest['files'] = {};
  files['input.f32'] = await writeChunks(join(partial, 'input.f32'), bytesOf(model.input));
  files['output.f32'] = await writeChunks(join(partial, 'output.f32'), bytesOf(model.output));
  files['counts.u32'] = await writeChunks(join(partial, 'counts.u32'), bytesOf(model.counts));
  for (const [name, parts] of Object.entries(extras)) files[name] = await writeChunks(join(partial, name), parts);
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
  await writeChunks(join(partial, 'manifest.json'), [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
  await syncFolder(partial);
  return manifest;
}

/**
 * Opens a model directory, every file checked against its size and sha256. The vectors are read once, into shared
 * memory, so that worker threads can use them without a copy. Throws ExpectedError `model-missing`, `model-too-new`
 * or `model-damaged`.
 */
export async function openModel(directory: string): Promise<OpenedModel> {
  const manifest = await readManifest(directory);
  const { rows, dimensions } = manifest;
  const input = await readModelFile(directory, 'input.f32', manifest, rows * dimensions * 4);
  const output = await readModelFile(directory, 'output.f32', manifest, rows * dimensions * 4);
  const counts = await readModelFile(directory, 'counts.u32', manifest, rows * 4);
  return {
    model: {
      dimensions,
      counts: new Uint32Array(counts),
      input: new Float32Array(input),
      output: new Float32Array(output),
    },
    manifest,
  };
}

/**
 * One file of a model directory, checked against its size and sha256, in memory that worker threads can share. `wanted`:
 * its size in bytes where its shape says it. Throws ExpectedError `model-damaged`.
 */
export async function readModelFile(
  directory: string,
  name: string,
  manifest: ModelManifest,
  wanted?: number,
): Promise<SharedArrayBuffer> {
  const known = manifest.files[name];
  if (known === undefined) throw damagedModel(directory, `manifest.json does not list ${name}`);
  if (wanted !== undefined && known.bytes !== wanted) {
    throw damagedModel(directory, `${name} should have ${wanted} bytes by its shape, the manifest says ${known.bytes}`);
  }
  let file: FileHandle;
  try {
    file = await open(join(directory, name));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw damagedModel(directory, `${name} is missing`);
  }
  try {
    const { size } = await file.stat();
    if (size !== known.bytes) throw damagedModel(directory, `${name} has ${size} bytes instead of ${known.bytes}`);
    const memory = new SharedArrayBuffer(size);
    const hash = createHash('sha256');
    for (let at = 0; at < size; ) {
      const view = new Uint8Array(memory, at, Math.min(CHUNK, size - at));
      const { bytesRead } = await file.read(view, 0, view.length, at);
      if (bytesRead === 0) throw damagedModel(directory, `${name} ends early`);
      hash.update(view.subarray(0, bytesRead));
      at += bytesRead;
    }
    if (hash.digest('hex') !== known.sha256) throw damagedModel(directory, `${name} does not match its sha256`);
    return memory;
  } finally {
    await file.close();
  }
}

async function writeChunks(path: string, chunks: Iterable<Uint8Array>): Promise<ModelManifest['files'][string]> {
  const file = await open(path, 'w');
  try {
    const hash: Hash = createHash('sha256');
    let bytes = 0;
    for (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      await file.writeFile(chunk);
    }
    await file.sync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

function* bytesOf(array: Float32Array | Uint32Array): Generator<Uint8Array> {
  for (let at = 0; at < array.byteLength; at += CHUNK) {
    yield new Uint8Array(array.buffer, array.byteOffset + at, Math.min(CHUNK, array.byteLength - at));
  }
}
