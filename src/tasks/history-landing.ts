import { relative } from 'node:path';
import { readJsonArray } from '../base/json-array.ts';
import { createRawFile } from '../base/raw-landing.ts';
import type { SourceFile } from '../base/source-files.ts';
import type { TaskContext } from '../base/task.ts';
import type { ExportFormat } from '../spotify/export-reader.ts';
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
export async function landHistory(
  dataDir: string,
  listener: string,
  file: SourceFile,
  format: ExportFormat,
  context: Pick<TaskContext, 'signal' | 'progress' | 'log'>,
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
        context.log.warn(`${file.name} is not sound at byte ${at}: ${why}`, { reason });
      },
    });
    for await (const row of list) {
      rows++;
      lines.push(JSON.stringify(withoutPersonalData(row)));
      if (lines.length < LINES) continue;
      context.signal.throwIfAborted();
      await raw.write(lines);
      lines = [];
      context.progress({ label: `Reading ${file.name}`, done: rows, unit: 'rows' });
    }
    await raw.write(lines);
    const { path, fingerprint } = await raw.finish();
    return { rawPath: relative(dataDir, path), fingerprint, header, rows, skipped };
  } finally {
    await raw.discard();
  }
}
