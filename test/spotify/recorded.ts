import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const small = join(project, 'test/fixtures/spotify-responses');
/** The whole collection, beside the checkout on some machines; its large files are only there. */
export const collection = join(dirname(project), 'shared/data/spotify-responses');

/** The path of a recorded response, or undefined where it is only in a collection that is not there. */
export function recordedPath(name: string): string | undefined {
  return [join(small, name), join(collection, name)].find((path) => existsSync(path));
}

/** A recorded response, parsed as JSON. */
export function recorded(name: string): unknown {
  const path = recordedPath(name);
  if (!path) throw new Error(`no recorded response ${name}`);
  return JSON.parse(readFileSync(path, 'utf8'));
}
