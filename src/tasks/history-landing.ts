import { relative } from 'node:path';
import type { ExpectedError } from '../base/errors.ts';
import { readJsonArray } from '../base/json-array.ts';
import { createRawFile } from '../base/raw-landing.ts';
import { openSource, type SourceFile } from '../base/source-files.ts';
import type { TaskContext } from '../base/task.ts';
import { detectExport, type ExportFormat } from '../spotify/export-reader.ts';
import { withoutPersonalData } from '../spotify/export-row.ts';

/** First line of a raw history file. The fingerprint covers it, so that two listeners' files stay two. */
export interface RawHistoryHeader {
  readonly raw: 1;
  readonly listener: string;
  readonly format: ExportFormat;
  /** The file's name inside the export. */
  readonly source: string;
}

/** An export's file on the disk, ready to be loaded. */
export interface LandedHistory {
  /** Relative to the data folder. */
  readonly rawPath: string;
  readonly fingerprint: string;
  readonly header: RawHistoryHeader;
  readonly rows: number;
  /** What was no JSON, by reason: `bad-json` for each such row, `cut-off` when the file ends early, `damaged`. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** What was found besides files of an export. */
export interface ExportFindings {
  /** Files by the reason why they are of no use. */
  readonly ignored: Record<string, number>;
  /** Files that are not Spotify's. */
  readonly unknown: string[];
  /** Members that could not be read. */
  readonly problems: string[];
  /** Rows landed so far, and whether these are all. */
  rows: number;
  isComplete: boolean;
}

type Context = Pick<TaskContext, 'signal' | 'log'>;

/** Finds the export's files in zips, folders and single files, and lands one after the other; notes the rest in `findings`. */
export async function* landExport(
  paths: readonly string[],
  dataDir: string,
  listener: string,
  findings: ExportFindings,
  context: Context,
): AsyncGenerator<LandedHistory> {
  const onProblem = (name: string, problem: ExpectedError) => {
    findings.problems.push(`${name}: ${problem.why}`);
    context.log.warn(problem.message, { why: problem.why, hint: problem.hint });
  };
  for (const path of paths) {
    for await (const file of openSource(path, { onProblem })) {
      context.signal.throwIfAborted();
      const found = await detectExport(file);
      if ('format' in found) {
        const landed = await landHistory(dataDir, listener, file, found.format, context);
        findings.rows += landed.rows;
        yield landed;
        continue;
      }
      if ('unknown' in found) findings.unknown.push(file.name);
      const reason = 'ignored' in found ? found.ignored : found.unknown;
      findings.ignored[reason] = (findings.ignored[reason] ?? 0) + 1;
    }
  }
  findings.isComplete = true;
}

/** Where the export's files keep their list; the histories are one. */
const LIST_KEY: Partial<Record<ExportFormat, string>> = {
  'account-playlists': 'playlists',
  'account-library': 'tracks',
};

const LINES = 1_000;

/**
 * Writes every row of an export's file to the raw landing, without addresses, devices and names of people. The same rows
 * land in the same file. On the disk when this resolves.
 */
async function landHistory(
  dataDir: string,
  listener: string,
  file: SourceFile,
  format: ExportFormat,
  { signal, log }: Context,
): Promise<LandedHistory> {
  const header: RawHistoryHeader = { raw: 1, listener, format, source: file.name };
  const skipped: Record<string, number> = {};
  const key = LIST_KEY[format];
  const raw = await createRawFile(dataDir, 'history');
  try {
    let lines = [JSON.stringify(header)];
    let rows = 0;
    const list = readJsonArray(file.stream(), {
      ...(key === undefined ? {} : { key }),
      onProblem({ kind, at, why }) {
        const reason = kind === 'bad-item' ? 'bad-json' : kind === 'damaged' ? 'damaged' : 'cut-off';
        skipped[reason] = (skipped[reason] ?? 0) + 1;
        log.warn(`${file.name} is not sound at byte ${at}: ${why}`, { reason });
      },
    });
    for await (const row of list) {
      rows++;
      lines.push(JSON.stringify(withoutPersonalData(row)));
      if (lines.length < LINES) continue;
      signal.throwIfAborted();
      await raw.write(lines);
      lines = [];
    }
    await raw.write(lines);
    const { path, fingerprint } = await raw.finish();
    return { rawPath: relative(dataDir, path), fingerprint, header, rows, skipped };
  } finally {
    await raw.discard();
  }
}
