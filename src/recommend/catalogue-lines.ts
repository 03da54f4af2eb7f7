import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { damagedModel } from '../vectors/model-manifest.ts';
import { type CatalogueColumns, ColumnsBuilder } from './catalogue-columns.ts';

/** Where the first models say what each row is: one JSON object a line, in row order. Such models can be read for ever. */
export const LINES_FILE = 'vocabulary.ndjson';

const LINES_AT_ONCE = 4096;
const NEW_LINE = 0x0a;

const lineSchema = z.object({
  id: z.string(),
  title: z.string(),
  artists: z.array(z.string()),
  isrc: z.string().optional(),
});

/** Throws ExpectedError `model-damaged` where a line is not a track or lines and rows differ in number. */
export async function parseLines(bytes: SharedArrayBuffer, directory: string, rows: number): Promise<CatalogueColumns> {
  const text = Buffer.from(bytes);
  const builder = new ColumnsBuilder();
  let line = 0;
  for (let at = 0; at < text.length; line++) {
    if (line % LINES_AT_ONCE === 0) await setImmediate();
    const found = text.indexOf(NEW_LINE, at);
    const end = found < 0 ? text.length : found;
    try {
      builder.add(lineSchema.parse(JSON.parse(text.toString('utf8', at, end))));
    } catch {
      throw damagedModel(directory, `Line ${line + 1} of ${LINES_FILE} is not a track`);
    }
    at = end + 1;
  }
  if (line !== rows) throw damagedModel(directory, `${LINES_FILE} has ${line} lines for ${rows} rows`);
  return builder.finish();
}
