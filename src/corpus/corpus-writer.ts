import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../base/sync-folder.ts';
import type { Json } from '../base/task.ts';
import { makeUnfinishedFolder } from '../base/unfinished-folder.ts';
import { asWriteFailure } from '../base/write-failure.ts';
import type { Playlist, PlaylistTrack } from '../music/playlist.ts';
import { ColumnWriter, flushFiles } from './columns.ts';
import { GrowingNumbers, GrowingTexts, grown } from './growing-columns.ts';
import { CORPUS_FORMAT, CORPUS_VERSION, type CorpusManifest, type CorpusPart } from './manifest.ts';
import { namedTrackId } from './named-track.ts';
import { ARTIST_SEPARATOR, VocabularyBuilder } from './vocabulary-builder.ts';
import { DROPPED, SPILL } from './write-columns.ts';
import { writeCorpus } from './write-corpus.ts';

const TOKEN_CHUNK = 1 << 20;

/** What the manifest cannot know by itself. */
export interface CorpusFacts {
  readonly source: string;
  readonly createdAt: Date;
  readonly parts?: readonly CorpusPart[];
  readonly provenance?: Record<string, Json>;
}

export interface WrittenCorpus {
  readonly folder: string;
  readonly manifest: CorpusManifest;
  /** False when the same content stood there already; then nothing was written. */
  readonly isNew: boolean;
}

/**
 * Writes a corpus below `parent`: tokens stream to the disk, the vocabulary stays in memory (about 150 bytes a track),
 * and `finish` sorts it by frequency and renames the folder to `<name>-<fingerprint>`, so a corpus is there whole or not
 * at all. Somebody must call `finish` or `discard`.
 */
export class CorpusWriter {
  readonly vocabulary = new VocabularyBuilder();
  readonly #parent: string;
  readonly #name: string;
  readonly #partial: string;
  readonly #spill: ColumnWriter;
  #buffer = new Uint32Array(TOKEN_CHUNK);
  #buffered = 0;
  #current = new Uint32Array(1024);
  #currentLength = 0;
  #tokens = 0;
  readonly #ends = new GrowingNumbers();
  readonly #groups = new GrowingNumbers();
  readonly #days = new GrowingNumbers();
  readonly #names = new GrowingTexts();
  readonly #groupOf = new Map<string, number>();
  readonly #redirects = new Map<number, number>();

  private constructor(parent: string, name: string, partial: string) {
    this.#parent = parent;
    this.#name = name;
    this.#partial = partial;
    this.#spill = new ColumnWriter(join(this.#partial, SPILL), { isKept: false });
  }

  /**
   * `name` becomes part of the folder's name. What killed processes left half written is removed. Throws ExpectedError
   * `disk-full`, `corpus-not-writable`, as `finish` does.
   */
  static async create(parent: string, name: string): Promise<CorpusWriter> {
    try {
      return new CorpusWriter(parent, name, await makeUnfinishedFolder(parent));
    } catch (error) {
      throw asWriteFailure(error, 'corpus-not-writable', parent);
    }
  }

  get playlists(): number {
    return this.#ends.length;
  }

  /** Tokens of all ended playlists. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Appends a track, by its index in `vocabulary`, to the current playlist. */
  token(index: number): void {
    if (this.#currentLength === this.#current.length) this.#current = grown(this.#current, 0);
    this.#current[this.#currentLength++] = index;
  }

  /** Appends several. */
  appendTokens(tokens: ArrayLike<number>): void {
    const length = this.#currentLength + tokens.length;
    if (length > this.#current.length) this.#current = grown(this.#current, length);
    this.#current.set(tokens, this.#currentLength);
    this.#currentLength = length;
  }

  /** The same for tokens of somebody else's vocabulary; `indexes` says what they are in this one. */
  appendTranslated(tokens: Uint32Array, start: number, end: number, indexes: Uint32Array): void {
    const length = this.#currentLength + end - start;
    if (length > this.#current.length) this.#current = grown(this.#current, length);
    const current = this.#current;
    for (let from = start, to = this.#currentLength; from < end; ) current[to++] = indexes[tokens[from++]!]!;
    this.#currentLength = length;
  }

  /** Ends the current playlist; one without a track does not count. `group`: key that snapshots of one playlist share; `day`: of the snapshot, in days since 1970; 0 is none. */
  endPlaylist(name: string, group?: string, day = 0): void {
    if (this.#endTokens()) {
      this.#noteGroup(group, day);
      this.#names.push(name);
    }
  }

  /** The same with the bytes of its name; it has no day and shares no group. */
  endPlaylistNamed(bytes: Uint8Array, start: number, end: number): void {
    if (this.#endTokens()) {
      this.#noteGroup(undefined, 0);
      this.#names.pushBytes(bytes, start, end);
    }
  }

  #endTokens(): boolean {
    if (this.#currentLength === 0) return false;
    const counts = this.vocabulary.counts;
    const tokens = this.#current.subarray(0, this.#currentLength);
    for (let i = 0; i < tokens.length; i++) counts[tokens[i]!]!++;
    if (this.#buffered + tokens.length > this.#buffer.length) this.#flush();
    if (tokens.length > this.#buffer.length) this.#spill.write(tokens);
    else {
      this.#buffer.set(tokens, this.#buffered);
      this.#buffered += tokens.length;
    }
    this.#tokens += this.#currentLength;
    this.#currentLength = 0;
    return true;
  }

  #noteGroup(group: string | undefined, day: number): void {
    const ordinal = this.#ends.length;
    let groupNumber = ordinal;
    if (group !== undefined) {
      groupNumber = this.#groupOf.get(group) ?? ordinal;
      if (groupNumber === ordinal) this.#groupOf.set(group, ordinal);
    }
    this.#ends.push(this.#tokens);
    this.#groups.push(groupNumber);
    this.#days.push(day);
  }

  /**
   * Adds a whole playlist and says how many of its tracks were left out because nothing names them. A playlist without
   * a usable track is not added.
   */
  addPlaylist(playlist: Playlist): { added: boolean; unnamed: number } {
    let unnamed = 0;
    for (const track of playlist.tracks) {
      const index = this.indexOf(track);
      if (index === undefined) unnamed++;
      else this.token(index);
    }
    if (this.#currentLength === 0) return { added: false, unnamed };
    const { name, id, date } = playlist;
    this.endPlaylist(name, date === undefined ? undefined : id, daysSince1970(date));
    return { added: true, unnamed };
  }

  /** A track's index in `vocabulary`, where it is noted with its names; undefined when neither an id nor title and artist name it. */
  indexOf(track: PlaylistTrack): number | undefined {
    const title = track.title ?? '';
    const artists = track.artists ?? [];
    const id = track.id ?? (title && artists[0] ? namedTrackId(title, artists[0]) : undefined);
    if (id === undefined) return undefined;
    const index = this.vocabulary.indexOf(id);
    if (title || artists.length > 0 || track.isrc) {
      this.vocabulary.describe(index, title, artists.join(ARTIST_SEPARATOR), track.isrc);
    }
    return index;
  }

  /** From now on track `from` is track `to`; without `to` it is left out. Holds for all its tokens, written or not. */
  redirect(from: number, to?: number): void {
    this.#redirects.set(from, to ?? DROPPED);
  }

  async discard(): Promise<void> {
    this.#spill.close();
    await rm(this.#partial, { recursive: true, force: true });
  }

  /** Playlists that redirects left without a track are not written. The writer, its vocabulary too, is of no use after it. */
  async finish(facts: CorpusFacts): Promise<WrittenCorpus> {
    try {
      return await this.#finish(facts);
    } catch (error) {
      await rm(this.#partial, { recursive: true, force: true });
      throw asWriteFailure(error, 'corpus-not-writable', this.#parent);
    }
  }

  async #finish(facts: CorpusFacts): Promise<WrittenCorpus> {
    this.#flush();
    this.#spill.close();
    const { size, ids, counts: tokensOf, texts, text } = this.vocabulary;
    const { counts, files } = await writeCorpus(this.#partial, {
      vocabulary: { size, ids, counts: tokensOf, texts, text },
      redirects: Uint32Array.from([...this.#redirects].flat()),
      ends: this.#ends.values,
      groups: this.#groups.values,
      days: this.#days.values,
      names: this.#names.values,
    });
    const hash = createHash('sha256').update(JSON.stringify([CORPUS_VERSION, counts]));
    for (const name of Object.keys(files).sort()) hash.update(`${name}\0${files[name]!.sha256}\n`);
    const manifest: CorpusManifest = {
      format: CORPUS_FORMAT,
      version: CORPUS_VERSION,
      name: this.#name,
      source: facts.source,
      fingerprint: hash.digest('hex').slice(0, 16),
      createdAt: facts.createdAt.toISOString(),
      counts,
      files: Object.fromEntries(Object.entries(files).map(([name, { bytes, crc32 }]) => [name, { bytes, crc32 }])),
      parts: [...(facts.parts ?? [])],
      provenance: facts.provenance ?? {},
    };
    return this.#publish(manifest);
  }

  async #publish(manifest: CorpusManifest): Promise<WrittenCorpus> {
    const folder = join(this.#parent, `${this.#name}-${manifest.fingerprint}`);
    await rm(join(this.#partial, SPILL));
    await writeFile(join(this.#partial, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    if (existsSync(join(folder, 'manifest.json'))) {
      await rm(this.#partial, { recursive: true });
      return { folder, manifest, isNew: false };
    }
    await flushFiles([...Object.keys(manifest.files), 'manifest.json'].map((name) => join(this.#partial, name)));
    await rm(folder, { recursive: true, force: true });
    await rename(this.#partial, folder);
    await syncFolder(this.#parent);
    return { folder, manifest, isNew: true };
  }

  #flush(): void {
    this.#spill.write(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
  }
}

function daysSince1970(date: string | undefined): number {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? 0 : Math.max(0, Math.floor(time / 86_400_000));
}
