import type { Json } from '../base/task.ts';
import { featureNames } from './blend-features.ts';
import type { LearningCase } from './learn-blend.ts';
import { objectIn } from './outcome-rates.ts';
import type { Outcome } from './outcomes.ts';

/**
 * What an edition says, in playlists put aside. Those are strangers', and ask what else is in a playlist; an edition asks what
 * lessons are for: what this listener keeps. At 4 a year of them (52) has a third of the say beside 400 playlists, a month 4 %, so
 * that one odd week moves little; at 1 a year would have a ninth.
 */
const EDITION_WEIGHT = 4;

/** A song of a published edition with what became of it; null: not measured, or nothing is told yet. */
export interface LessonSong {
  readonly editionId: number;
  readonly outcome: Outcome | null;
  readonly settled: boolean;
  /** The settled outcome as far as the owner's export tells. */
  readonly exportedOutcome: Exclude<Outcome, 'open'> | null;
  /** Of the edition's item; `features` in it: name (`featureNames`) -> number, as they were when it was recommended. */
  readonly facts: Json;
}

export interface OutcomeLessons {
  /** For `learnWeights`, beside the lessons of playlists. */
  readonly cases: readonly LearningCase[];
  /** Songs that taught nothing, by reason: not-settled, no-features, nothing-kept, all-kept (the last two by whole editions). */
  readonly leftOut: { readonly [reason: string]: number };
  /** Features of names that no member has (any more), or that are no numbers, and in how many songs they stood. */
  readonly unknownFeatures: { readonly [name: string]: number };
}

export interface OutcomeLessonOptions {
  /** Names of the blend's members, in their order. */
  readonly members: readonly string[];
  /** How many playlists it learns from besides. */
  readonly playlists: number;
  /** Whether outcomes may come from what the Web API told (docs/policy.md); else from the export alone. */
  readonly trainOnApiContent: boolean;
}

/**
 * What became of editions, as cases to learn from: an edition's settled songs are the candidates, the kept ones what was to be found.
 * Features that are not named are 0, as where a member did not propose the song. All editions together weigh at most as much as the playlists:
 * a listener who only ever sees what the blend chose cannot tell it what it should have chosen instead.
 */
export function outcomeLessons(
  songs: readonly LessonSong[],
  { members, playlists, trainOnApiContent }: OutcomeLessonOptions,
): OutcomeLessons {
  const leftOut: Record<string, number> = {};
  const unknownFeatures: Record<string, number> = {};
  const leave = (reason: string, count: number) => {
    if (count > 0) leftOut[reason] = (leftOut[reason] ?? 0) + count;
  };
  const columns = new Map(featureNames(members).map((name, column) => [name, column]));
  const lessons: Omit<LearningCase, 'weight'>[] = [];
  for (const edition of Map.groupBy(songs, ({ editionId }) => editionId).values()) {
    const settled = edition.flatMap(({ facts, ...song }) => {
      const outcome = trainOnApiContent ? (song.settled ? song.outcome : null) : song.exportedOutcome;
      return outcome === null ? [] : [{ outcome, features: Object.entries(objectIn(facts, 'features')) }];
    });
    const usable = settled.filter(({ features }) => features.length > 0);
    leave('not-settled', edition.length - settled.length);
    leave('no-features', settled.length - usable.length);
    const found = [...usable.keys()].filter((at) => usable[at]!.outcome === 'kept');
    if (found.length === 0) leave('nothing-kept', usable.length);
    else if (found.length === usable.length) leave('all-kept', usable.length);
    else {
      const values = new Float64Array(usable.length * columns.size);
      for (const [at, { features }] of usable.entries()) {
        for (const [name, value] of features) {
          const column = columns.get(name);
          if (column === undefined || typeof value !== 'number')
            unknownFeatures[name] = (unknownFeatures[name] ?? 0) + 1;
          else values[at * columns.size + column] = value;
        }
      }
      lessons.push({ features: { rows: Uint32Array.from(usable.keys()), values }, found });
    }
  }
  const weight = Math.min(EDITION_WEIGHT, playlists / Math.max(1, lessons.length));
  return { cases: lessons.map((lesson) => ({ ...lesson, weight })), leftOut, unknownFeatures };
}
