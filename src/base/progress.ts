/** How far a long piece of work is. `total` is unknown for streams; units are named ("rows", "tokens", "MB"). */
export interface ProgressReport {
  readonly label: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: string;
  /** What else there is to know so far, such as the best of many trials; shown instead of the counts. */
  readonly note?: string;
}

/** Called at most a few times a second by whoever does long work; the CLI draws a bar with rate and time left. */
export type Progress = (report: ProgressReport) => void;

export const noProgress: Progress = () => {};
