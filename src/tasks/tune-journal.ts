import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { appendLines } from '../base/append-lines.ts';
import { systemCode } from '../base/errors.ts';
import { readJsonLines } from '../base/json-lines.ts';
import type { Json } from '../base/task.ts';
import { asWriteFailure } from '../base/write-failure.ts';
import type { Measurement } from '../recommend/tuning-race.ts';
import { nameSettings } from '../recommend/tuning-space.ts';
import type { SplitName } from '../recommend/tuning-splits.ts';
import type { TrainingSettings } from '../vectors/settings.ts';

const scores = z.array(z.number());
const line = z.object({
  /** What else the figures depend on. */
  key: z.string(),
  stage: z.enum(['search', 'confirm', 'test']),
  fold: z.int(),
  run: z.int(),
  settings: z.record(z.string(), z.json()),
  inputXOutput: scores,
  meanCosine: scores,
  recommender: scores.nullable(),
  trainSeconds: z.number(),
  judgeSeconds: z.number(),
});

/** What was measured on one corpus before, so that a tune that was cut off goes on and the same is not trained twice. */
export interface TuneJournal {
  /** `measure`, answering from the journal where it can and writing down what is new. */
  remembering(measure: Measure): Measure;
  /** Measurements made, and taken from the journal. */
  readonly counts: { made: number; remembered: number };
}

type Measure = (settings: TrainingSettings, split: SplitName, recommender: boolean) => Promise<Measurement>;

/**
 * Opens `tuning/<corpus fingerprint>.ndjson` of the data folder: one measurement a line, on the disk before the next
 * decision rests on it. Only lines of the same `key` are read; a torn or foreign line is passed over.
 */
export async function openTuneJournal(dataDir: string, corpusFingerprint: string, key: string): Promise<TuneJournal> {
  const path = join(dataDir, 'tuning', `${corpusFingerprint}.ndjson`);
  const known = await readKnown(path, key);
  const counts = { made: 0, remembered: 0 };
  let written: Promise<void> = Promise.resolve();
  return {
    counts,
    remembering: (measure) => async (settings, split, recommender) => {
      const name = nameMeasurement(settings, split);
      const before = known.get(name);
      if (before !== undefined && (before.recommender !== null || !recommender)) {
        counts.remembered++;
        return before;
      }
      const measured = await measure(settings, split, recommender);
      counts.made++;
      known.set(name, measured);
      const row = { key, ...split, settings, ...measured } as unknown as Json;
      written = written.then(() => appendLines(path, [row]));
      try {
        await written;
      } catch (error) {
        throw asWriteFailure(error, 'tuning-not-written', join(dataDir, 'tuning'));
      }
      return measured;
    },
  };
}

async function readKnown(path: string, key: string): Promise<Map<string, Measurement>> {
  const known = new Map<string, Measurement>();
  try {
    for await (const batch of readJsonLines(createReadStream(path), () => {})) {
      for (const value of batch) {
        const parsed = line.safeParse(value);
        if (!parsed.success || parsed.data.key !== key) continue;
        const { key: _, stage, fold, run, settings, ...measured } = parsed.data;
        known.set(nameMeasurement(settings as TrainingSettings, { stage, fold, run }), measured);
      }
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  return known;
}

function nameMeasurement(settings: TrainingSettings, { stage, fold, run }: SplitName): string {
  return `${stage} ${fold} ${run} ${nameSettings(settings)}`;
}
