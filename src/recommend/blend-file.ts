import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError, isExpected, systemCode } from '../base/errors.ts';
import { writeWholeFolder } from '../base/whole-folder.ts';
import type { TextColumn } from '../corpus/vocabulary.ts';
import { checkedFileSchema, readParts, writeParts } from '../vectors/model-parts.ts';
import type { PlaylistMatrix } from './playlist-matrix.ts';
import type { Knowledge } from './recommender.ts';

// A blend is a folder: manifest.json, and one file for each array, little-endian, named <array>.<type>.

const FORMAT = 'segue-blend';
/** Raised when an array changes its meaning. */
const VERSION = 2;
const CHUNK = 16 * 1024 * 1024;

const TYPES = { u8: Uint8Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array } as const;
type NumberArray = Uint8Array | Uint32Array | Float32Array | Float64Array;

const manifestSchema = z.object({
  format: z.literal(FORMAT),
  version: z.int(),
  playlists: z.int().min(0),
  tracks: z.int().min(0),
  files: z.record(z.string().regex(/^[\w.-]+\.(u8|u32|f32|f64)$/), checkedFileSchema),
});

/** What recommenders need to answer without corpus and without learning. */
export interface BlendContents {
  readonly playlists: PlaylistMatrix;
  /** Names of the playlists; empty where one has none. */
  readonly names: TextColumn;
  /** Of each row, NO_ARTIST where unknown. */
  readonly artistOf: Uint32Array;
  readonly knowledge: Knowledge;
}

const KNOWLEDGE = 'knowledge.';
const PLAYLISTS = ['starts', 'rows', 'holderStarts', 'holders'] as const;

/** Writes a blend's folder, whole or not at all. Throws ExpectedError `disk-full` (retryable) or `blend-not-writable`. */
export async function writeBlend(directory: string, contents: BlendContents): Promise<void> {
  const { playlists, names, artistOf, knowledge } = contents;
  const arrays: [name: string, values: NumberArray][] = [
    ...PLAYLISTS.map((name): [string, NumberArray] => [`playlists.${name}`, playlists[name]]),
    ['names.starts', names.starts],
    ['names.bytes', names.bytes],
    ['artistOf', artistOf],
    ...Object.entries(knowledge).map(([name, values]): [string, NumberArray] => [`${KNOWLEDGE}${name}`, values]),
  ];
  await writeWholeFolder(directory, 'blend-not-writable', async (partial) => {
    const files: Record<string, z.output<typeof checkedFileSchema>> = {};
    for (const [name, values] of arrays) {
      const file = `${name}.${typeOf(values)}`;
      files[file] = await writeParts(join(partial, file), bytesOf(values));
    }
    const manifest: z.input<typeof manifestSchema> = {
      format: FORMAT,
      version: VERSION,
      playlists: playlists.playlists,
      tracks: playlists.tracks,
      files,
    };
    await writeParts(join(partial, 'manifest.json'), [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
  });
}

/**
 * Opens a blend's folder, every file checked against its size and sums, in memory that threads share. Throws ExpectedError
 * `blend-missing`, `blend-too-new`, `blend-too-old` or `blend-damaged`.
 */
export async function openBlendFile(directory: string): Promise<BlendContents> {
  const { playlists, tracks, files } = await readManifest(directory);
  const arrays = new Map<string, NumberArray>();
  for (const [file, known] of Object.entries(files)) {
    const [, name, type] = /^(.*)\.(\w+)$/.exec(file)!;
    const Type = TYPES[type as keyof typeof TYPES];
    const bytes = new Uint8Array(new SharedArrayBuffer(known.bytes));
    const wrong = await readParts(join(directory, file), bytes, known);
    if (wrong !== undefined) throw damagedBlend(directory, `${file} ${wrong}`);
    if (known.bytes % Type.BYTES_PER_ELEMENT !== 0) throw damagedBlend(directory, `${file} has half a number`);
    arrays.set(name!, new Type(bytes.buffer as ArrayBufferLike as ArrayBuffer));
  }
  const array = <T extends NumberArray>(name: string, length?: number): T => {
    const found = arrays.get(name);
    if (found === undefined) throw damagedBlend(directory, `${name} is missing`);
    if (length === undefined || found.length === length) return found as T;
    throw damagedBlend(directory, `${name} holds ${found.length} numbers, not ${length}`);
  };
  const starts = array<Uint32Array>('playlists.starts', playlists + 1);
  const places = starts[playlists]!;
  return {
    playlists: {
      playlists,
      tracks,
      starts,
      rows: array('playlists.rows', places),
      holderStarts: array('playlists.holderStarts', tracks + 1),
      holders: array('playlists.holders', places),
    },
    names: { starts: array('names.starts', playlists + 1), bytes: array('names.bytes') },
    artistOf: array('artistOf', tracks),
    knowledge: Object.fromEntries(
      [...arrays].flatMap(([name, values]) =>
        name.startsWith(KNOWLEDGE) ? [[name.slice(KNOWLEDGE.length), values as Knowledge[string]] as const] : [],
      ),
    ),
  };
}

/** Whether a folder holds a blend that this Segue can open, as far as its manifest says. */
export async function isBlendFolder(directory: string): Promise<boolean> {
  try {
    await readManifest(directory);
    return true;
  } catch (error) {
    if (isExpected(error)) return false;
    throw error;
  }
}

async function readManifest(directory: string): Promise<z.output<typeof manifestSchema>> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw damagedBlend(directory, 'manifest.json is not JSON');
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new ExpectedError('blend-missing', 'The recommenders are not there.', {
      why: `${directory} holds no manifest.json.`,
      hint: 'Make them ready again with: segue fit-recommenders',
      cause: error,
    });
  }
  // Before anything else: a newer version may have changed every other field.
  const version = (raw as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > VERSION) {
    throw new ExpectedError('blend-too-new', 'The recommenders cannot be opened.', {
      why: `${directory} has version ${version} of the format; this Segue knows up to ${VERSION}.`,
      hint: 'Update Segue, or make them ready again with this one: segue fit-recommenders',
    });
  }
  if (typeof version === 'number' && version < VERSION) {
    throw new ExpectedError('blend-too-old', 'The recommenders were made by an older Segue.', {
      why: `${directory} has version ${version} of the format; what recommenders learn has changed since.`,
      hint: 'Make them ready again with: segue fit-recommenders',
    });
  }
  const parsed = manifestSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw damagedBlend(directory, `manifest.json: ${z.prettifyError(parsed.error).split('\n')[0]}`);
}

function damagedBlend(directory: string, why: string): ExpectedError {
  return new ExpectedError('blend-damaged', `The recommenders in ${directory} are damaged.`, {
    why: `${why}.`,
    hint: 'Delete the folder and make them ready again: segue fit-recommenders',
  });
}

function typeOf(values: NumberArray): string {
  return Object.entries(TYPES).find(([, Type]) => values instanceof Type)![0];
}

/** In pieces, since nothing takes more than 4 GiB at once. */
function* bytesOf({ buffer, byteOffset, byteLength }: NumberArray): Generator<Uint8Array> {
  for (let at = 0; at < byteLength; at += CHUNK) {
    yield new Uint8Array(buffer, byteOffset + at, Math.min(CHUNK, byteLength - at));
  }
}
