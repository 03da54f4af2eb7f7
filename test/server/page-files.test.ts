import { expect, it } from 'vitest';
import { openTestStore } from '../store-fixture.ts';
import { startTestService } from './running-service.ts';

it('serves the page, and everything the page names, as what it is', async () => {
  await using store = await openTestStore();
  await using service = await startTestService(store);
  const types: Record<string, string> = {};
  const waiting = ['/'];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (path in types) continue;
    const response = await fetch(new URL(path, service.url));
    expect([path, response.status]).toEqual([path, 200]);
    types[path] = response.headers.get('content-type')!;
    const text = await response.text();
    const named = text.matchAll(/(?:src|href)="(\/[^"]+)"|from '\.(\/[^']+)'/g);
    waiting.push(...[...named].map((match) => match[1] ?? match[2]!));
    // Types are stripped, and what runs needs nothing from elsewhere.
    if (path.endsWith('.ts')) expect(text).not.toMatch(/\binterface |import type|from '[^.]|https?:/);
  }
  expect(types).toMatchObject({
    '/': 'text/html; charset=utf-8',
    '/page.css': 'text/css; charset=utf-8',
    '/page.ts': 'text/javascript; charset=utf-8',
    '/draw-runs.ts': 'text/javascript; charset=utf-8',
    '/icon.svg': 'image/svg+xml',
  });
  expect((await fetch(new URL('/tsconfig.json', service.url))).status).toBe(404);
});
