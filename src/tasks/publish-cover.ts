import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ExpectedError, systemCode } from '../base/errors.ts';
import type { TaskContext } from '../base/task.ts';
import type { WebApi } from '../spotify/web-api.ts';
import type { Store } from '../store/connect.ts';
import { claimEffect, findEffect, finishEffect } from '../store/effects.ts';

// Spotify counts 256 KB of base64: a JPEG of 188 KB passed and one of 191 KB was refused.
const MAX_COVER_BYTES = 180 * 1024;

/** The file's bytes. Throws ExpectedError `cover-not-readable`, `cover-not-jpeg` or `cover-too-large`. */
export async function readCover(path: string): Promise<Uint8Array> {
  let jpeg: Uint8Array;
  try {
    jpeg = await readFile(path);
  } catch (error) {
    throw new ExpectedError('cover-not-readable', `The cover ${path} cannot be read.`, {
      why: systemCode(error) === 'ENOENT' ? 'There is no such file.' : `The system answered ${systemCode(error)}.`,
      hint: 'Correct SEGUE_PLAYLIST_COVER, or leave it empty.',
      cause: error,
    });
  }
  const isJpeg = jpeg[0] === 0xff && jpeg[1] === 0xd8 && jpeg[2] === 0xff;
  if (isJpeg && jpeg.length <= MAX_COVER_BYTES) return jpeg;
  throw new ExpectedError(isJpeg ? 'cover-too-large' : 'cover-not-jpeg', `The picture ${path} cannot be a cover.`, {
    why: isJpeg ? `It has ${Math.ceil(jpeg.length / 1024)} KB.` : 'It is not a JPEG file.',
    hint: 'Name a JPEG of at most 180 KB in SEGUE_PLAYLIST_COVER.',
  });
}

/** Gives the playlist its cover unless it has this one already; the call may be repeated without harm. */
export async function setCover(
  api: Pick<WebApi, 'uploadCover'>,
  db: Store['db'],
  playlistId: string,
  jpeg: Uint8Array,
  { clock, signal }: Pick<TaskContext, 'clock' | 'signal'>,
): Promise<'uploaded' | 'unchanged'> {
  const key = `cover/${playlistId}`;
  const fingerprint = createHash('sha256').update(jpeg).digest('hex');
  const effect = await findEffect(db, key);
  if (effect?.status === 'done' && effect.detail.fingerprint === fingerprint) return 'unchanged';
  await claimEffect(db, { key, kind: 'upload-cover', detail: { fingerprint }, at: clock.now() }, effect);
  await api.uploadCover(playlistId, jpeg, { signal });
  await finishEffect(db, key, playlistId, clock.now());
  return 'uploaded';
}
