import { setImmediate } from 'node:timers/promises';
import type { TextColumn } from '../corpus/vocabulary.ts';
import { type ModelExtras, readModelFile } from '../vectors/model-file.ts';
import { damagedModel, type ModelManifest } from '../vectors/model-manifest.ts';
import { type Catalogue, type CatalogueTrack, catalogueOver } from './catalogue.ts';
import { type CatalogueColumns, ColumnsBuilder } from './catalogue-columns.ts';
import { buildIndexes, type CatalogueIndexes, INDEXED, type Indexed } from './catalogue-indexes.ts';
import { LINES_FILE, parseLines } from './catalogue-lines.ts';
import { packIndex, type RowIndex, unpackIndex } from './row-index.ts';

// A model's directory says what each row is in columns: for each of four texts, where each row's starts (rows + 1, u32,
// little-endian) and their UTF-8 bytes; and four indexes (row-index.ts), since normalising two million titles takes 8 s.

const COLUMNS = { ids: 'track-ids', titles: 'titles', artists: 'artists', isrcs: 'isrcs' } as const;

/** The numbers belong to the rules by which music/track.ts normalises: raise them when those change, and older models get new indexes when opened. */
const INDEXES: { readonly [by in Indexed]: string } = {
  id: 'by-id.u32',
  isrc: 'by-isrc.u32',
  recording: 'by-recording-1.u32',
  title: 'by-title-1.u32',
};

const ROWS_AT_ONCE = 8192;

/** The files that say what the rows of a model are, for `writeModel`. `tracks`: one for each row, in order. Lets the event loop have turns: 10 s for two million. */
export async function catalogueFiles(tracks: Iterable<CatalogueTrack>): Promise<ModelExtras> {
  const builder = new ColumnsBuilder();
  let rows = 0;
  for (const track of tracks) {
    builder.add(track);
    if (++rows % ROWS_AT_ONCE === 0) await setImmediate();
  }
  const columns = builder.finish();
  const indexes = await buildIndexes(columns);
  const files: Record<string, Uint8Array[]> = {};
  for (const [column, name] of Object.entries(COLUMNS) as [keyof CatalogueColumns, string][]) {
    files[`${name}.u32`] = [bytesOf(columns[column].starts)];
    files[`${name}.utf8`] = [columns[column].bytes];
  }
  for (const by of INDEXED) files[INDEXES[by]] = [bytesOf(packIndex(indexes[by]))];
  return files;
}

/** What the rows of a model are, read once into shared memory; 0.3 s for two million. Throws ExpectedError `model-damaged`. */
export async function openCatalogue(directory: string, manifest: ModelManifest): Promise<Catalogue> {
  if (manifest.files[LINES_FILE] !== undefined) {
    const columns = await parseLines(await readModelFile(directory, LINES_FILE, manifest), directory, manifest.rows);
    return catalogueOver(columns, await buildIndexes(columns));
  }
  const isIndexed = INDEXED.every((by) => manifest.files[INDEXES[by]] !== undefined);
  const [ids, titles, artists, isrcs, indexes] = await Promise.all([
    readTexts(directory, COLUMNS.ids, manifest),
    readTexts(directory, COLUMNS.titles, manifest),
    readTexts(directory, COLUMNS.artists, manifest),
    readTexts(directory, COLUMNS.isrcs, manifest),
    isIndexed ? readIndexes(directory, manifest) : undefined,
  ]);
  const columns = { ids, titles, artists, isrcs };
  return catalogueOver(columns, indexes ?? (await buildIndexes(columns)));
}

async function readTexts(directory: string, name: string, manifest: ModelManifest): Promise<TextColumn> {
  const starts = new Uint32Array(await readModelFile(directory, `${name}.u32`, manifest, (manifest.rows + 1) * 4));
  const bytes = new Uint8Array(await readModelFile(directory, `${name}.utf8`, manifest));
  if (starts[manifest.rows] === bytes.length) return { starts, bytes };
  throw damagedModel(directory, `${name}.u32 and ${name}.utf8 do not fit together`);
}

async function readIndexes(directory: string, manifest: ModelManifest): Promise<CatalogueIndexes> {
  const read = async (by: Indexed): Promise<RowIndex> => {
    const bytes = await readModelFile(directory, INDEXES[by], manifest);
    const index = bytes.byteLength % 4 === 0 ? unpackIndex(new Uint32Array(bytes), manifest.rows) : undefined;
    if (index === undefined) throw damagedModel(directory, `${INDEXES[by]} is no index of ${manifest.rows} rows`);
    return index;
  };
  const [id, isrc, recording, title] = await Promise.all([read('id'), read('isrc'), read('recording'), read('title')]);
  return { id, isrc, recording, title };
}

function bytesOf(numbers: Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
