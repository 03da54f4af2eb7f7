import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ExpectedError, systemCode } from '../base/errors.ts';
import { damagedCorpus } from './columns.ts';

export const CORPUS_FORMAT = 'segue-corpus';
/** Raised when a file changes its meaning; readers of older versions stay (a corpus written once can be read forever). */
export const CORPUS_VERSION = 1;

const count = z.number().int().nonnegative();

const corpusPart = z.object({
  /** Name of the source corpus, `own playlists`, `listening sessions` or `listeners`. */
  name: z.string(),
  format: z.string(),
  /** Fingerprint of the source corpus; absent for what came from the database. */
  fingerprint: z.string().optional(),
  playlists: count,
  tokens: count,
  tracks: count,
  /** Tracks that no part before it has. */
  newTracks: count,
  /** Reason -> playlists of the source that the merge left out. */
  skipped: z.record(z.string(), count),
});

const corpusManifest = z.object({
  format: z.literal(CORPUS_FORMAT),
  version: z.number().int(),
  name: z.string(),
  /** Where the playlists are from: a playlist format's name, or `training` for a merged corpus. */
  source: z.string(),
  /** Of the content alone: equal playlists give an equal fingerprint, whenever and wherever they were read. */
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  createdAt: z.iso.datetime(),
  counts: z.object({
    playlists: count,
    tokens: count,
    /** Tracks with a Spotify id. */
    tracks: count,
    /** Tracks known by title and artist alone, and their tokens; a training corpus has none. */
    namedTracks: count,
    namedTokens: count,
  }),
  files: z.record(z.string(), z.object({ bytes: count, crc32: count })),
  parts: z.array(corpusPart),
  /** Free facts: paths, reasons of skips, settings. */
  provenance: z.record(z.string(), z.json()),
});

export type CorpusPart = z.infer<typeof corpusPart>;
export type CorpusManifest = z.infer<typeof corpusManifest>;

export async function readManifest(folder: string): Promise<CorpusManifest> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  } catch (error) {
    const code = systemCode(error);
    throw damagedCorpus(folder, code ? `manifest.json cannot be read (${code})` : 'manifest.json is not JSON', error);
  }
  const version = (raw as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > CORPUS_VERSION) {
    throw new ExpectedError('corpus-newer', `Cannot use the corpus in ${folder}`, {
      why: `It has version ${version}; this Segue reads up to ${CORPUS_VERSION}.`,
      hint: 'Update Segue, or delete that folder and build the corpus again.',
    });
  }
  const parsed = corpusManifest.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw damagedCorpus(folder, `manifest.json is not a corpus manifest: ${issue.path.join('.')} ${issue.message}`);
  }
  return parsed.data;
}
