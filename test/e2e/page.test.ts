import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExpectedError } from '../../src/base/errors.ts';
import { startRun } from '../../src/pipeline/runs.ts';
import { untilChange, untilStopped } from '../pipeline/engine-fixture.ts';
import { addEdition, addListening } from '../server/prepared-world.ts';
import { type RunningService, startTestService } from '../server/running-service.ts';
import { hasServer, openTestStore, type TestStore } from '../store-fixture.ts';
import { chromiumPath, faintTexts, hasFocus, keepPicture, launchBrowser, openPage, overflow } from './browser.ts';

// The page cannot tell the databases apart, and a server is there ten times as fast.
const openStore = (): Promise<TestStore> => openTestStore(hasServer() ? 'server' : 'embedded');

const PHONE = { viewport: { width: 390, height: 844 } };
const NARROW = { viewport: { width: 320, height: 640 } };

function longTitle(number: number): string {
  return number % 3 === 0
    ? `Concerto for ${number} voices in a title that goes on and on - Live at the Hammersmith Odeon / Remastered 2011 (feat. Everybody)`
    : number % 3 === 1
      ? `Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft${number}`
      : `夜に駆ける ${number} ليلة <b>&amp; "quoted"`;
}

function playlistGone(): never {
  throw new ExpectedError('playlist-gone', 'The playlist is gone.', {
    why: 'Somebody deleted it in Spotify.',
    hint: 'Run segue publish --new to make another one.',
  });
}

describe.skipIf(!chromiumPath)('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  /** A service over a store with plays and a published edition. */
  async function startPrepared(store: TestStore, bodies: Parameters<typeof startTestService>[1] = {}, songs = 12) {
    const service = await startTestService(store, bodies);
    await addListening(store, service.listenerId);
    await addEdition(store, service.listenerId, { songs });
    return service;
  }

  it('shows plays, the playlist with a reason for each song, and what has run', async () => {
    await using store = await openStore();
    await using service = await startPrepared(store, { 'sync-plays': async () => ({ stored: 1234 }) });
    await service.ask('/api/runs', { pipeline: 'collect' });
    await using opened = await openPage(browser, service.url);
    const { page, complaints } = opened;

    await page.getByText('Somebody, connected until').waitFor();
    expect(await page.locator('#state > div', { hasText: 'Plays' }).first().innerText()).toMatch(/^Plays\s5\slast /);
    await page.getByRole('heading', { name: 'Segue Weekly', level: 2 }).waitFor();
    expect(await page.getByRole('link', { name: 'Open the playlist' }).getAttribute('href')).toMatch(
      /^https:\/\/open\.spotify\.com\/playlist\/p+$/,
    );
    const songs = page.getByRole('region', { name: 'Segue Weekly' }).getByRole('list').first().getByRole('listitem');
    expect(await songs.count()).toBe(10);
    expect(await songs.first().innerText()).toMatch(
      /Song 101 Artist 101\s+Because you played Song 1 by Artist 1 yesterday/,
    );
    await page.getByRole('button', { name: 'Show all 12 songs' }).click();
    expect(await songs.count()).toBe(12);
    await page.getByText('Left out: 2 heard before.').waitFor();

    const run = page
      .getByRole('region', { name: 'Last runs' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name: 'collect' }) });
    await run.getByText('succeeded', { exact: true }).first().waitFor();
    await run.getByText('Results, attempts and logs').click();
    expect(await run.getByText('stored').locator('..').innerText()).toMatch(/stored\s+1,234/);
    await keepPicture(page, 'desktop-light');
    expect(complaints).toEqual([]);
  });

  it('starts a pipeline by keyboard and shows it live to its end, without taking focus or closing what is open', async () => {
    await using store = await openStore();
    const half = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    await using service = await startPrepared(store, {
      'sync-plays': async (_input, { log }) => {
        log.info('asked Spotify', { plays: 50 });
        return { stored: 50 };
      },
      'train-vectors': async (_input, { log, progress }) => {
        log.info('first line');
        progress({ label: 'epoch 1 of 2', done: 12_000, total: 99_457, unit: 'tokens' });
        await half.promise;
        log.info('second line');
        progress({ label: 'epoch 2 of 2', done: 80_000, total: 99_457, unit: 'tokens' });
        await end.promise;
        return { vocabulary: 42_385 };
      },
    });
    await using opened = await openPage(browser, service.url);
    const { page, complaints } = opened;
    await page.getByText('Nothing has run yet.').waitFor();

    const button = page.getByRole('button', { name: 'Run now weekly' });
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('progressbar', { name: 'train-vectors: epoch 1 of 2' }).waitFor();
    await page.getByText('12,000 of 99,457 tokens').waitFor();
    const busy = page.getByRole('button', { name: 'Running… weekly' });
    await busy.waitFor();
    expect(await hasFocus(busy)).toBe(true);

    await page.getByText('Results, attempts and logs').click();
    const log = page.getByText('Log (train-vectors)');
    await log.click();
    const lines = page.getByRole('region', { name: 'Log of train-vectors, attempt 1' });
    await lines.getByText('first line').waitFor();
    await lines.focus();
    await keepPicture(page, 'desktop-light-running');
    half.resolve();
    await page.getByRole('progressbar', { name: 'train-vectors: epoch 2 of 2' }).waitFor();
    await lines.getByText('second line').waitFor();
    expect(await hasFocus(lines)).toBe(true);
    expect(await lines.getByText('first line').count()).toBe(1);
    end.resolve();
    await page.getByRole('status').getByText('weekly succeeded').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Run now weekly' }).waitFor();
    expect(await lines.isVisible()).toBe(true);
    expect(await page.getByRole('progressbar').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('shows why a run failed in three lines, its log, and tries again', async () => {
    await using store = await openStore();
    let broken = true;
    await using service = await startPrepared(store, {
      publish: async () => (broken ? playlistGone() : { items: 12 }),
    });
    await using opened = await openPage(browser, service.url, { colorScheme: 'dark' });
    const { page, complaints } = opened;
    await page.getByRole('button', { name: 'Run now weekly' }).click();
    const trouble = page.locator('#runs .trouble');
    await trouble.waitFor();
    expect((await trouble.innerText()).split('\n').filter(Boolean)).toEqual([
      'publish failed',
      'The playlist is gone.',
      'Somebody deleted it in Spotify.',
      'Run segue publish --new to make another one.',
    ]);
    await page
      .getByRole('list', { name: 'Problems' })
      .getByText(/The last run of weekly \(\d+\) failed\./)
      .waitFor();
    await page.getByText('Results, attempts and logs').click();
    await page.getByText('Log (publish)').click();
    await page.getByRole('region', { name: 'Log of publish, attempt 1' }).getByText('The playlist is gone.').waitFor();
    await keepPicture(page, 'desktop-dark-failed');
    expect(await faintTexts(page)).toEqual([]);

    broken = false;
    await page.getByRole('button', { name: /Try again/ }).click();
    await page.getByText('Attempt 2 succeeded').waitFor();
    await page.getByRole('list', { name: 'Problems' }).waitFor({ state: 'hidden' });
    await trouble.waitFor({ state: 'detached' });
    await page.getByText('Attempt 1 failed').waitFor();
    expect(complaints).toEqual([]);
  });

  it('cancels a run', async () => {
    await using store = await openStore();
    await using service = await startPrepared(store, { 'sync-plays': untilStopped });
    await using opened = await openPage(browser, service.url);
    await opened.page.getByRole('button', { name: 'Run now collect' }).click();
    await opened.page.getByRole('button', { name: /^Cancel collect/ }).click();
    await opened.page.locator('#runs .status', { hasText: 'cancelled' }).first().waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('says what to do before anything has happened', async () => {
    await using store = await openStore();
    await using service = await startTestService(store);
    await using opened = await openPage(browser, service.url, PHONE);
    const { page, complaints } = opened;
    await page.getByText('No account connected').waitFor();
    await page.getByText('Connect your Spotify account to begin.').waitFor();
    await page.getByText('npm run -s segue -- connect').waitFor();
    await page.getByText('There is no playlist yet.').waitFor();
    await page.getByText('Nothing has run yet.').waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await faintTexts(page)).toEqual([]);
    await keepPicture(page, 'phone-light-empty');
    expect(complaints).toEqual([]);
  });

  it('holds long titles and 200 songs at any width, in light and dark, every text readable', async () => {
    await using store = await openStore();
    await using service = await startTestService(store, { 'sync-plays': async () => playlistGone() });
    await addListening(store, service.listenerId);
    await addEdition(store, service.listenerId, { songs: 200, title: longTitle(1), songTitle: longTitle });
    await service.ask('/api/runs', { pipeline: 'weekly' });
    const windows: [name: string, options: BrowserContextOptions][] = [
      ['phone-light', { ...PHONE, colorScheme: 'light' }],
      ['phone-dark', { ...PHONE, colorScheme: 'dark' }],
      ['narrow-light', { ...NARROW, colorScheme: 'light' }],
      ['desktop-dark', { colorScheme: 'dark' }],
      ['desktop-light', { colorScheme: 'light' }],
    ];
    const found = await Promise.all(windows.map(([name, options]) => findFlaws(name, service.url, options)));
    expect(found).toEqual(
      windows.map(([name]) => ({ name, songs: 200, tags: 0, overflow: 0, faint: [], complaints: [] })),
    );
  });

  /** Opens all there is on the page of a failed run and 200 songs, and looks for what nobody should see. */
  async function findFlaws(name: string, url: string, options: BrowserContextOptions) {
    await using opened = await openPage(browser, url, options);
    const { page, complaints } = opened;
    await page.locator('#runs .trouble').waitFor();
    await page.getByRole('button', { name: 'Show all 200 songs' }).click();
    for (const summary of await page.locator('summary').all()) {
      if (await summary.isVisible()) await summary.click();
    }
    const flaws = {
      songs: await page.locator('#edition > li').count(),
      // What looks like HTML is text.
      tags: await page.locator('#edition b').count(),
      overflow: await overflow(page),
      faint: await faintTexts(page),
    };
    await page.getByRole('button', { name: 'Show the first 10' }).click();
    await keepPicture(page, `long-${name}`);
    return { name, ...flaws, complaints };
  }

  it('folds scheduled runs that went well under the newest, so that the others stay in sight', async () => {
    await using store = await openStore();
    await using service = await startPrepared(store);
    await service.ask('/api/runs', { pipeline: 'weekly' });
    for (const tick of ['08:00', '08:15', '08:30', '08:45']) {
      const ended = untilChange(service.engine, ({ task, status }) => task === 'sync-plays' && status === 'succeeded');
      await startRun(service.engine, 'collect', { trigger: 'schedule', runKey: `collect:${tick}` });
      await ended;
    }
    await using opened = await openPage(browser, service.url);
    const { page, complaints } = opened;
    const headings = page.getByRole('region', { name: 'Last runs' }).getByRole('heading', { level: 3 });
    await page.getByText('3 earlier runs that went well').waitFor();
    expect(await headings.filter({ visible: true }).allInnerTexts()).toEqual(['collect', 'weekly']);
    await page.getByText('3 earlier runs that went well').click();
    expect(await headings.filter({ visible: true }).count()).toBe(5);
    expect(complaints).toEqual([]);
  });

  it('says when the service is gone, and goes on when it is back', async () => {
    await using store = await openStore();
    await using service = await startPrepared(store);
    await using opened = await openPage(browser, service.url, PHONE);
    const { page } = opened;
    const lost = page.getByRole('alert').getByText('The service does not answer. Is segue serve still running?');
    expect(await lost.isVisible()).toBe(false);
    await service.stop();
    await lost.waitFor();
    // What was there stays there.
    expect(await page.getByRole('heading', { name: 'Segue Weekly' }).isVisible()).toBe(true);
    await keepPicture(page, 'phone-light-lost');
    await page.getByRole('button', { name: 'Run now collect' }).click();
    await page.getByRole('alert').getByText('Nothing was started or changed: the service does not answer.').waitFor();
    await service.restart();
    await lost.waitFor({ state: 'hidden' });
  });

  it('shows an earlier edition by its address', async () => {
    await using store = await openStore();
    await using service = await startPrepared(store);
    const earlier = await addEdition(store, service.listenerId, {
      runKey: 'earlier',
      title: 'Weekly, 15 November 2026',
      published: false,
      createdAt: new Date('2026-11-15T06:00:00Z'),
    });
    await using opened = await openPage(browser, service.url);
    const { page, complaints } = opened;
    await page.getByText('All 2 editions').click();
    await page.getByRole('link', { name: 'Weekly, 15 November 2026' }).click();
    await page.getByRole('heading', { name: 'Weekly, 15 November 2026', level: 2 }).waitFor();
    expect(page.url()).toMatch(new RegExp(`#edition-${earlier}$`));
    await page.getByText('draft', { exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Segue Weekly', level: 2 }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('has a name for everything that can be pressed, one title, and no motion for who wants none', async () => {
    await using store = await openStore();
    await using service: RunningService = await startPrepared(store, { 'sync-plays': untilStopped });
    await service.ask('/api/runs', { pipeline: 'collect' });
    await using opened = await openPage(browser, service.url, { reducedMotion: 'reduce' });
    const { page } = opened;
    await page.locator('#runs .running').first().waitFor();
    expect(await page.getByRole('heading', { level: 1 }).allInnerTexts()).toEqual(['Segue']);
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
      'Segue Weekly',
      'Pipelines',
      'Last runs',
    ]);
    const names = await page
      .locator('button, a, summary')
      .evaluateAll((all) => all.map((each) => each.textContent?.trim() ?? ''));
    expect(names.filter((name) => name === '')).toEqual([]);
    // Two buttons of one name could not be told apart by ear.
    const buttons = await page.getByRole('button').evaluateAll((all) => all.map((each) => each.textContent));
    expect(new Set(buttons).size).toBe(buttons.length);
    const animations = () => page.evaluate<number>('document.getAnimations().length');
    expect(await animations()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await animations()).toBeGreaterThan(0);
  });
});
