import { ExpectedError } from '../base/errors.ts';

/** A vector file that cannot be trusted; `why` names the line or byte. */
export function damagedVectors(name: string, why: string, hint?: string): ExpectedError {
  return new ExpectedError('vectors-damaged', `Cannot read all of ${name}`, {
    why: `${why}.`,
    hint: hint ?? 'Download, copy or export it again; nothing of it was imported.',
  });
}
