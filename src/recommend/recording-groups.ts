import type { RecordingIdentity } from './known-recordings.ts';

interface Recorded {
  readonly track: RecordingIdentity;
}

export interface RecordingGroups<T> {
  readonly groups: readonly (readonly T[])[];
  /** Everything that is the same recording as this track, each once. */
  of(track: RecordingIdentity): readonly T[];
}

interface Group<T> {
  readonly names: Set<string>;
  readonly members: T[];
}

/**
 * Puts together what is one recording: the same id, ISRC or normalised artist and title, as known-recordings.ts has it; also
 * where two are linked by a third only (one shares its ISRC, the other its title).
 */
export function groupRecordings<T extends Recorded>(all: readonly T[]): RecordingGroups<T> {
  const byName = new Map<string, Group<T>>();
  const groupsOf = (track: RecordingIdentity) => new Set(namesOf(track).flatMap((name) => byName.get(name) ?? []));
  for (const each of all) {
    const joined: Group<T> = { names: new Set(namesOf(each.track)), members: [] };
    for (const group of groupsOf(each.track)) {
      for (const name of group.names) joined.names.add(name);
      joined.members.push(...group.members);
    }
    joined.members.push(each);
    for (const name of joined.names) byName.set(name, joined);
  }
  return {
    groups: Array.from(new Set(byName.values()), ({ members }) => members),
    of: (track) => [...groupsOf(track)].flatMap(({ members }) => members),
  };
}

function namesOf({ id, isrc, recordingKey }: RecordingIdentity): string[] {
  return [`id ${id}`, `key ${recordingKey}`, ...(isrc === undefined ? [] : [`isrc ${isrc}`])];
}
