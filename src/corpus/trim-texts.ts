const UNTRIMMED = 0x8000_0000;

/**
 * Cuts white space, as JavaScript knows it, off the texts of a batch (playlist-batch.ts) whose length has the highest bit
 * set: the kernel sets it where the first or last byte may be white space. Corrects the lengths in place and returns the
 * texts; `onDescribed` is told of tracks that such texts name in full.
 */
export function trimTexts(
  playlists: Uint32Array,
  descriptions: Uint32Array,
  texts: Buffer,
  onDescribed: (track: number) => void,
): Buffer {
  const trimmed = Buffer.allocUnsafeSlow(texts.length);
  let from = 0;
  let copied = 0;
  let to = 0;
  const trim = (lengths: Uint32Array, at: number) => {
    const length = lengths[at]! & ~UNTRIMMED;
    if (length !== lengths[at]!) {
      to += texts.copy(trimmed, to, copied, from);
      const written = trimmed.write(texts.toString('utf8', from, from + length).trim(), to, 'utf8');
      lengths[at] = written;
      to += written;
      copied = from + length;
    }
    from += length;
  };
  let next = 0;
  for (let playlist = 0; playlist < playlists.length; playlist += 3) {
    for (const end = next + playlists[playlist + 2]! * 4; next < end; next += 4) {
      const wasDescribed = descriptions[next + 1]! < UNTRIMMED && descriptions[next + 2]! < UNTRIMMED;
      for (let part = 1; part <= 3; part++) trim(descriptions, next + part);
      if (!wasDescribed && descriptions[next + 1]! > 0 && descriptions[next + 2]! > 0) onDescribed(descriptions[next]!);
    }
    trim(playlists, playlist + 1);
  }
  to += texts.copy(trimmed, to, copied);
  return trimmed.subarray(0, to);
}
