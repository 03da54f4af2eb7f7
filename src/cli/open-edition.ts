import type { App } from '../app.ts';
import { showEdition } from '../server/edition-views.ts';
import { type EditionContents, readEdition } from '../store/editions.ts';
import { positiveNumber } from './option-values.ts';

/** The word for an edition on the command line. */
export function editionNumber(text: string): number | 'newest' {
  return text === 'newest' ? text : positiveNumber(text);
}

/** An edition of the listener with all its rows. Throws ExpectedError `not-found`. */
export async function openEdition(app: App, which: number | 'newest'): Promise<EditionContents> {
  const { id } = await showEdition(app, which === 'newest' ? undefined : which);
  return (await readEdition(app.store.db, id))!;
}
