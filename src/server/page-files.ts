import { readdir, readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { extname } from 'node:path';
import type { Hono } from 'hono';

const web = new URL('../web/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The page's files, read once, under their own names. Scripts are TypeScript whose types are stripped, as Node does everywhere else. */
export async function addPage(hono: Hono): Promise<void> {
  for (const name of await readdir(web)) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const text = await readFile(new URL(name, web), 'utf8');
    const body = name.endsWith('.ts') ? stripTypes(text) : text;
    hono.get(name === 'index.html' ? '/' : `/${name}`, (context) =>
      context.body(body, 200, { 'content-type': type, 'cache-control': 'no-cache' }),
    );
  }
}

/** Node warns that stripping by hand is experimental; its version is pinned, and people need not read that at every start. */
function stripTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
