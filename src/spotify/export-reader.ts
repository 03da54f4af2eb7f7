import { Readable } from 'node:stream';
import { readJsonArray } from '../base/json-array.ts';
import type { SourceFile } from '../base/source-files.ts';
import { readUtf8 } from '../base/text-encoding.ts';
import { readAccountRow } from './export-account.ts';
import { readExtendedRow } from './export-extended.ts';
import type { HistoryRow } from './export-row.ts';

/** What a file of Spotify's privacy export holds. */
export type ExportFormat = 'extended-history' | 'account-history' | 'account-playlists' | 'account-library';

/** `ignored`: known and of no use here, with the reason. `unknown`: nothing of Spotify's. */
export type Detected = { readonly format: ExportFormat } | { readonly ignored: string } | { readonly unknown: string };

// Enough for the first rows of every format (a history row has 700 to 1,500 bytes).
const HEAD_BYTES = 64 * 1024;

/** Files of the account data that hold neither plays nor songs, by their names; Spotify adds some every year. */
const OTHER_FILES =
  /^(userdata|userdata\d*|identity|identifiers|inferences|payments|searchqueries|follow|family|duonewfamily|marquee|userprompts|messagedata|usercontrols|userattributes|yoursoundcapsule|soundcapsule|wrapped\d*|ampstoken|addresshistory|voiceinput|podcastinteractivity.*|podcast.*rating.*|read_?me.*)\.(json|html|txt)$/i;

/** Tells by content, never by name, what a file of an export is; names only explain what is left out. */
export async function detectExport(file: SourceFile): Promise<Detected> {
  const name = file.name.slice(file.name.lastIndexOf('/') + 1);
  const head = await file.head(HEAD_BYTES);
  if (head.length === 0) return { ignored: 'empty file' };
  const text = (await wholeUtf8(head)).toString('utf8');
  const first = text.trimStart()[0];
  if (first === '[') {
    if (/^\s*\[\s*\]\s*$/.test(text)) return { ignored: 'empty list' };
    for await (const row of readJsonArray(Readable.from([Buffer.from(text)]), { onProblem: () => {} })) {
      const format = formatOfRow(row);
      if (format) return { format };
    }
  }
  if (first === '{') {
    // A first playlist may be longer than the head, so the keys are looked for in the text.
    if (/"playlists"\s*:\s*\[/.test(text) && /"lastModifiedDate"\s*:|"playlists"\s*:\s*\[\s*\]/.test(text)) {
      return { format: 'account-playlists' };
    }
    if (/^\s*\{\s*"tracks"\s*:\s*\[\s*(\]|\{\s*"(artist|album|track|uri)"\s*:)/.test(text))
      return { format: 'account-library' };
  }
  if (OTHER_FILES.test(name)) return { ignored: 'account file without songs' };
  return /\.json$/i.test(name) || first === '[' || first === '{'
    ? { unknown: 'not from Spotify' }
    : { ignored: 'not JSON' };
}

function formatOfRow(row: unknown): ExportFormat | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  if ('ts' in row && 'ms_played' in row) return 'extended-history';
  if ('endTime' in row && 'msPlayed' in row) return 'account-history';
  return undefined;
}

/** The row reader of a history format; rows of either can be told apart when both are in one raw file. */
export function readHistoryRow(format: 'extended-history' | 'account-history', raw: unknown, now: Date): HistoryRow {
  return format === 'extended-history' ? readExtendedRow(raw, now) : readAccountRow(raw, now);
}

async function wholeUtf8(bytes: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readUtf8(Readable.from([bytes]))) chunks.push(chunk);
  return Buffer.concat(chunks);
}
