import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');

// Who may import whom; a folder may always import itself. ARCHITECTURE.md explains the table.
const MAY_IMPORT: Record<string, readonly string[] | 'all but web'> = {
  base: [],
  music: ['base'],
  spotify: ['base', 'music'],
  store: ['base', 'music'],
  corpus: ['base', 'music'],
  vectors: ['base'],
  recommend: ['base', 'music', 'vectors', 'corpus'],
  pipeline: ['base', 'store'],
  tasks: ['base', 'music', 'spotify', 'store', 'corpus', 'vectors', 'recommend'],
  api: ['base', 'music'],
  server: 'all but web',
  web: ['api', 'music'],
  simulator: ['base', 'music', 'spotify'],
  cli: 'all but web',
  'app.ts': 'all but web',
  'config.ts': ['base'],
};
/** The local Spotify shares what goes over the wire with the client, never the client itself. */
const SIMULATOR_MAY_SEE = ['src/spotify/wire.ts'];
/** Only the embedded entry and the composition root choose an engine or a driver. */
const SQL_PACKAGES = ['kysely', 'pg', '@electric-sql/pglite'];
const FORBIDDEN_NAMES = /(^|[-/])(utils?|helpers?|misc|common|types)\.tsx?$|(^|\/)index\.tsx?$/;
const ALLOWED_NAMES = new Set(['src/tasks/index.ts']);

interface SourceFile {
  path: string;
  folder: string;
  text: string;
  imports: { specifier: string; typeOnly: boolean }[];
}

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => readSource(join(entry.parentPath, entry.name)));
const byPath = new Map(files.map((file) => [file.path, file]));

function readSource(absolute: string): SourceFile {
  const path = relative(root, absolute).split(sep).join('/');
  const text = readFileSync(absolute, 'utf8');
  const imports = [
    ...text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm),
    ...text.matchAll(/\bimport\(\s*()'([^']+)'\s*\)/g),
  ].map((match) => ({ typeOnly: Boolean(match[1]), specifier: match[2]! }));
  const inside = path.slice('src/'.length);
  return { path, folder: inside.includes('/') ? inside.split('/')[0]! : inside, text, imports };
}

function resolveImport(file: SourceFile, specifier: string): SourceFile | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = relative(root, resolve(root, dirname(file.path), specifier))
    .split(sep)
    .join('/');
  return byPath.get(target);
}

describe('the house', () => {
  test('every folder of src has a rule', () => {
    expect([...new Set(files.map((file) => file.folder))].filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
  });

  test('folders import only what the table allows', () => {
    const broken = files.flatMap((file) =>
      file.imports.flatMap(({ specifier }) => {
        const target = resolveImport(file, specifier);
        if (!target || target.folder === file.folder) return [];
        const rule = MAY_IMPORT[file.folder];
        const allowed = rule === 'all but web' ? target.folder !== 'web' : rule?.includes(target.folder);
        const wireOnly =
          file.folder !== 'simulator' || target.folder !== 'spotify' || SIMULATOR_MAY_SEE.includes(target.path);
        return allowed && wireOnly ? [] : [`${file.path} imports ${target.path}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  test('relative imports name files that exist, with their ending', () => {
    const dangling = files.flatMap((file) =>
      file.imports
        .filter(({ specifier }) => /^\..*(?<!\.json|\.wasm)$/.test(specifier) && !resolveImport(file, specifier))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
    expect(dangling).toEqual([]);
  });

  test('there is no import cycle', () => {
    const state = new Map<string, 'open' | 'closed'>();
    const cycles: string[] = [];
    const visit = (file: SourceFile, trail: string[]): void => {
      if (state.get(file.path) === 'closed') return;
      if (state.get(file.path) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(file.path)), file.path].join(' -> '));
        return;
      }
      state.set(file.path, 'open');
      for (const { specifier, typeOnly } of file.imports) {
        const target = resolveImport(file, specifier);
        // A type-only import disappears when the code runs.
        if (target && !typeOnly) visit(target, [...trail, file.path]);
      }
      state.set(file.path, 'closed');
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  test('SQL and its drivers stay in the store', () => {
    const leaks = files
      .filter((file) => file.folder !== 'store')
      .flatMap((file) =>
        file.imports
          .filter(({ specifier, typeOnly }) => SQL_PACKAGES.includes(specifier) && !typeOnly)
          .map(({ specifier }) => `${file.path} imports ${specifier}`),
      );
    expect(leaks).toEqual([]);
  });

  test('files are named by their subject: kebab-case, no barrels, no drawers', () => {
    const badly = files
      .map((file) => file.path)
      .filter((path) => !ALLOWED_NAMES.has(path))
      .filter((path) => FORBIDDEN_NAMES.test(path) || !/^[a-z0-9./-]+$/.test(path));
    expect(badly).toEqual([]);
  });

  test('no default exports, and no inheritance except from Error', () => {
    const offenders = files
      .filter(
        (file) =>
          /^export default /m.test(file.text) || /\bclass \w+(?:<[^>]+>)? extends (?!\w*Error\b)/.test(file.text),
      )
      .map((file) => file.path);
    expect(offenders).toEqual([]);
  });

  test('a task is its file: the name in the graph, the file and the word are one', () => {
    const misnamed = files
      .filter((file) => file.folder === 'tasks' && file.path !== 'src/tasks/index.ts')
      .flatMap((file) => {
        const name = /^\s+name: '([a-z-]+)',$/m.exec(file.text)?.[1];
        return name !== undefined && `src/tasks/${name}.ts` !== file.path ? [`${file.path} calls itself ${name}`] : [];
      });
    expect(misnamed).toEqual([]);
  });
});
