import { basename } from 'node:path';
import type { Kysely } from 'kysely';
import type { Json } from '../base/task.ts';
import type { WrittenCorpus } from '../corpus/corpus-writer.ts';
import { type Corpus as CorpusRow, listCorpora, type StoredCorpus } from '../store/corpora.ts';
import type { Database } from '../store/schema.ts';

/** What the database notes of a corpus folder; the list of its files stays in the folder. */
export function corpusRow(kind: CorpusRow['kind'], { manifest, folder }: WrittenCorpus, more: object = {}): CorpusRow {
  const { files: _, ...facts } = manifest;
  return {
    kind,
    name: manifest.name,
    format: manifest.source,
    fingerprint: manifest.fingerprint,
    path: `corpora/${basename(folder)}`,
    playlists: manifest.counts.playlists,
    tokens: manifest.counts.tokens,
    tracks: manifest.counts.tracks,
    manifest: { ...facts, provenance: { ...facts.provenance, ...more } } as unknown as Json,
    createdAt: new Date(manifest.createdAt),
  };
}

/** The newest source corpus of each name, by name. */
export async function newestSources(db: Kysely<Database>): Promise<StoredCorpus[]> {
  const newest = new Map<string, StoredCorpus>();
  for (const corpus of await listCorpora(db, 'source')) if (!newest.has(corpus.name)) newest.set(corpus.name, corpus);
  return [...newest.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function provenanceOf({ manifest }: Pick<StoredCorpus, 'manifest'>): Record<string, unknown> {
  return (manifest as { provenance?: Record<string, unknown> } | null)?.provenance ?? {};
}
