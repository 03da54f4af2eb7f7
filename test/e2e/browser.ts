import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium of this machine: CHROMIUM_PATH, or where distributions put it; undefined where there is none. */
export const chromiumPath = [process.env.CHROMIUM_PATH, ...PLACES].find((path) => path && existsSync(path));
if (!chromiumPath) process.stderr.write('Tests in a browser are skipped: install Chromium, or set CHROMIUM_PATH.\n');

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath!,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained about so far: errors of scripts, of the console, and failed requests. */
  readonly complaints: string[];
}

/** A page in a window of its own, desktop wide unless told otherwise. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
  });
  await page.goto(url);
  await page.locator('main:not([aria-busy])').waitFor();
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Keeps a picture of the whole page in the folder SEGUE_SCREENSHOTS, where somebody wants to look. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.SEGUE_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Pixels by which the page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

const findFaintTexts = readFile(new URL('faint-texts.js', import.meta.url), 'utf8');

/** Visible texts whose contrast is below WCAG 2.2 AA. */
export async function faintTexts(page: Page): Promise<string[]> {
  return await page.evaluate<string[]>(await findFaintTexts);
}

/** Whether the keyboard is there. */
export async function hasFocus(locator: Locator): Promise<boolean> {
  return await locator.evaluate((element) => element.matches(':focus'));
}
