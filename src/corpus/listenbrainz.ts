import { readJsonArray } from '../base/json-array.ts';
import { readJsonLines } from '../base/json-lines.ts';
import type { SourceFile } from '../base/source-files.ts';
import { cutSessions } from '../music/play.ts';
import type { PlaylistTrack } from '../music/playlist.ts';
import { isObject, namedTrack, textIn } from './loose-track.ts';
import type { PlaylistFormat, ReadContext } from './playlist-format.ts';
import { findTrackId } from './spotify-link.ts';

interface Listen {
  /** Whose, where the file says so: the public dumps hold everybody's. */
  readonly by: string;
  readonly endedAt: Date;
  readonly track: PlaylistTrack;
}

/**
 * Listens of ListenBrainz, one person's or, in its public dumps, many people's; an export is a zip of
 * `listens/<year>/<month>.jsonl`, or (before 2025) one JSON array. A session, that is a person's listens with at most 30
 * minutes between them, becomes a playlist; one listen alone is none. The files come in no order of time (`10.jsonl` before
 * `2.jsonl`, newest first inside), so all listens are held, about 300 bytes each: a part of a public dump, not all of one.
 * Listens carry the time they began; no length is sure, so gaps are measured from start to start.
 */
export const listenBrainz: PlaylistFormat = {
  name: 'listenbrainz',
  detect: (head) => /^\ufeff?\s*[[{]/.test(head) && /"listened_at"\s*:/.test(head) && /"track_metadata"\s*:/.test(head),
  async *read(files, context) {
    const listens: Listen[] = [];
    const shared = new Map<string, PlaylistTrack>();
    let bad = 0;
    for await (const file of files) {
      for await (const value of listenValues(file, context, () => bad++)) {
        const listen = readListen(value);
        if (typeof listen === 'string') context.noteTracks(listen);
        else {
          // People hear the same songs again: one object a track, not a listen.
          const key = JSON.stringify(listen.track);
          const track = shared.get(key) ?? listen.track;
          shared.set(key, track);
          listens.push({ ...listen, track });
        }
      }
    }
    if (bad > 0) context.noteTracks('not JSON', bad);
    for (const [by, theirs] of Map.groupBy(listens, (listen) => listen.by)) {
      theirs.sort((a, b) => a.endedAt.getTime() - b.endedAt.getTime());
      for (const session of cutSessions(theirs)) {
        const tracks = session.map(({ track }) => track).filter((track, i, all) => track !== all[i - 1]);
        const start = session[0]!.endedAt.toISOString();
        yield tracks.length < 2
          ? { skipped: 'session of one track' }
          : { id: `${by} ${start}`.trim(), name: `Session of ${start.slice(0, 10)}`, tracks };
      }
    }
  },
};

async function* listenValues(file: SourceFile, context: ReadContext, onBad: () => void): AsyncGenerator<unknown> {
  const head = (await file.head(64)).toString('latin1').replace(/^[^[{]*/, '');
  if (head.startsWith('[')) {
    const onProblem = ({ kind, why }: { kind: string; why: string }) => {
      onBad();
      if (kind !== 'bad-item') context.noteProblem(file.name, why);
    };
    for await (const value of readJsonArray(file.stream(), { onProblem })) yield value;
  } else {
    for await (const batch of readJsonLines(file.stream(), onBad)) {
      yield* batch;
      await context.breathe();
    }
  }
}

function readListen(value: unknown): Listen | string {
  if (!isObject(value) || !isObject(value.track_metadata)) return 'not a listen';
  const at = value.listened_at;
  if (typeof at !== 'number' || !Number.isFinite(at) || at <= 0 || at > 1e11) return 'listen without a time';
  const metadata = value.track_metadata;
  const info = isObject(metadata.additional_info) ? metadata.additional_info : {};
  const id = findTrackId([info.spotify_id, info.spotify_track_id, info.origin_url]);
  const isrc = textIn(info, 'isrc');
  const track = namedTrack(id, textIn(metadata, 'track_name'), textIn(metadata, 'artist_name'));
  if (!track) return 'names no track';
  const by = String(value.user_id ?? value.user_name ?? '');
  return { by, endedAt: new Date(at * 1000), track: isrc ? { ...track, isrc } : track };
}
