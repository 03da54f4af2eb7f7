import { ExpectedError } from '../base/errors.ts';
import { normaliseName, parseTrackId, recordingKey } from '../music/track.ts';
import type { Model } from '../vectors/model.ts';
import { meanVector, nearest, searchable } from '../vectors/nearest.ts';
import { type Catalogue, type CatalogueTrack, keyOf } from './catalogue.ts';

export interface SimilarTracks {
  readonly of: CatalogueTrack;
  readonly similar: readonly { readonly track: CatalogueTrack; readonly similarity: number }[];
}

/**
 * The k songs nearest to one, by cosine of input vectors; other editions of the same recording appear once at most.
 * `query`: a track id, URI or link, "artist - title", or a title. Throws ExpectedError `unknown-track` with the nearest
 * titles where the model has no such song.
 */
export function findSimilar(model: Model, catalogue: Catalogue, query: string, k: number): SimilarTracks {
  const row = findRow(catalogue, query);
  if (row < 0) throw unknownTrack(catalogue, query);
  const input = searchable(model.input, model.dimensions);
  const excluded = new Uint8Array(catalogue.size);
  excluded[row] = 1;
  const of = catalogue.track(row);
  const seen = new Set([keyOf(of)]);
  // A recording has a handful of editions; four times as many rows leave k of them different.
  const near = nearest(input, meanVector(input, [row]), { k: 4 * k, measure: 'cosine', excluded });
  const similar = near
    .map(({ row: other, score }) => ({ track: catalogue.track(other), similarity: score }))
    .filter(({ track }) => {
      const key = keyOf(track);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .slice(0, k);
  return { of, similar };
}

function findRow(catalogue: Catalogue, query: string): number {
  const id = parseTrackId(query);
  if (id !== undefined) return catalogue.rowOfId(id);
  for (const { index } of query.matchAll(/\s[-–—]\s/g)) {
    const [left, right] = [query.slice(0, index), query.slice(index + 3)];
    for (const key of [recordingKey(right, left), recordingKey(left, right)]) {
      const row = catalogue.rowOfRecording(key);
      if (row >= 0) return row;
    }
  }
  const title = normaliseName(query);
  for (let row = 0; row < catalogue.size && title !== ''; row++) {
    if (normaliseName(catalogue.track(row).title) === title) return row;
  }
  return -1;
}

function unknownTrack(catalogue: Catalogue, query: string): ExpectedError {
  const near = nearTitles(catalogue, query, 3);
  return new ExpectedError('unknown-track', `No song "${query}" in the model.`, {
    why: `None of its ${catalogue.size} songs has this id, or this artist and title.`,
    hint:
      near.length === 0
        ? 'Name it as "artist - title", or by its Spotify link.'
        : `Did you mean ${near.map((track) => `"${track.artists[0] ?? ''} - ${track.title}"`).join(' or ')}?`,
  });
}

/** The tracks whose "artist title" shares most letter triples with the text (Dice's coefficient, at least .3), best first. */
export function nearTitles(catalogue: Catalogue, text: string, k: number): CatalogueTrack[] {
  const wanted = triples(text);
  const near: { track: CatalogueTrack; likeness: number }[] = [];
  const seen = new Set<string>();
  for (let row = 0; row < catalogue.size; row++) {
    const track = catalogue.track(row);
    const name = normaliseName(track.title);
    const likeness = Math.max(
      dice(wanted, triples(`${track.artists[0] ?? ''} ${name}`)),
      dice(wanted, triples(`${name} ${track.artists[0] ?? ''}`)),
      dice(wanted, triples(name)),
    );
    if (likeness < 0.3) continue;
    near.push({ track, likeness });
  }
  near.sort((a, b) => b.likeness - a.likeness);
  return near
    .map(({ track }) => track)
    .filter((track) => {
      const key = keyOf(track);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .slice(0, k);
}

function triples(text: string): Set<string> {
  const padded = ` ${normaliseName(text)} `;
  const all = new Set<string>();
  for (let at = 0; at + 3 <= padded.length; at++) all.add(padded.slice(at, at + 3));
  return all;
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const triple of a) if (b.has(triple)) shared++;
  return a.size + b.size === 0 ? 0 : (2 * shared) / (a.size + b.size);
}
