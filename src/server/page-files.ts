import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import type { Hono } from 'hono';

const web = new URL('../web/', import.meta.url);

/** The page's four files, read once. Its script is TypeScript whose types are stripped here, as Node does for everything else. */
export async function addPage(hono: Hono): Promise<void> {
  const read = (name: string) => readFile(new URL(name, web), 'utf8');
  const files: [path: string, type: string, body: string][] = [
    ['/', 'text/html; charset=utf-8', await read('index.html')],
    ['/page.css', 'text/css; charset=utf-8', await read('page.css')],
    ['/page.js', 'text/javascript; charset=utf-8', stripTypeScriptTypes(await read('page.ts'))],
    ['/icon.svg', 'image/svg+xml', await read('icon.svg')],
  ];
  for (const [path, type, body] of files)
    hono.get(path, (context) => context.body(body, 200, { 'content-type': type, 'cache-control': 'no-cache' }));
}
