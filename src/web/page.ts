import type { EditionHeadView, EditionView, RunView, StateView } from '../api/contract.ts';
import { ask, Refusal } from './ask.ts';
import { drawEdition } from './draw-edition.ts';
import { drawRuns, isActive, nameOf } from './draw-runs.ts';
import { drawState } from './draw-state.ts';
import { byId, element, patch } from './element.ts';
import { keepTimeOf } from './format.ts';
import { readOpenLogs } from './logs.ts';

// The one page of the service: asks the JSON API, draws what it says, and passes on what the reader presses.

const WHILE_RUNNING_MS = 1_000;
const WHILE_RESTING_MS = 5_000;
/** The counts change with runs; besides, somebody may have typed a command. */
const STATE_MS = 15_000;

interface Seen {
  runs: RunView[];
  state: StateView;
  editions: EditionHeadView[];
  edition: EditionView | null;
}

let seen: Seen | undefined;
let stateReadAt = Number.NEGATIVE_INFINITY;
let showAll = false;
let wake = (): void => {};

async function refresh(): Promise<void> {
  const { runs } = await ask<{ runs: RunView[] }>('/api/runs?limit=30');
  const moved = JSON.stringify(runs.map(statuses)) !== JSON.stringify(seen?.runs.map(statuses));
  if (seen && !moved && performance.now() - stateReadAt < STATE_MS) {
    seen = { ...seen, runs };
  } else {
    const [state, { editions }] = await Promise.all([
      ask<StateView>('/api/state'),
      ask<{ editions: EditionHeadView[] }>('/api/editions?limit=50'),
    ]);
    stateReadAt = performance.now();
    announceEnds(seen?.runs ?? [], runs);
    seen = { runs, state, editions, edition: await readEdition(editions, seen) };
  }
  draw(seen);
  await readOpenLogs();
}

function statuses({ id, status, tasks }: RunView): unknown {
  return [id, status, tasks.map((task) => [task.status, task.attempts.length])];
}

/** The edition that the address names, else the newest; an edition changes only where its head does. */
async function readEdition(
  editions: readonly EditionHeadView[],
  before: Seen | undefined,
): Promise<EditionView | null> {
  const named = Number(/^#edition-(\d+)$/.exec(location.hash)?.[1]);
  const head = editions.find(({ id }) => id === named) ?? editions[0];
  if (!head) return null;
  const known = before?.editions.find(({ id }) => id === head.id);
  if (before?.edition?.id === head.id && JSON.stringify(known) === JSON.stringify(head)) return before.edition;
  return await ask<EditionView>(`/api/editions/${head.id}`);
}

function draw({ state, runs, edition, editions }: Seen): void {
  keepTimeOf(state);
  drawState(state);
  drawEdition(edition, editions, showAll);
  drawRuns(runs);
  byId('page').removeAttribute('aria-busy');
}

/** Tells screen readers what has ended since the last look. */
function announceEnds(before: readonly RunView[], runs: readonly RunView[]): void {
  const ended = runs.filter(
    (run) => !isActive(run) && before.some(({ id, status }) => id === run.id && isActive({ status })),
  );
  if (ended.length > 0) byId('news').textContent = ended.map((run) => `${nameOf(run)} ${run.status}`).join('. ');
}

async function keepFresh(): Promise<never> {
  for (;;) {
    try {
      await refresh();
      showConnection(true);
    } catch (error) {
      showConnection(false, error);
    }
    const pause = seen?.runs.some(isActive) ? WHILE_RUNNING_MS : WHILE_RESTING_MS;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (!document.hidden) setTimeout(resolve, pause);
    });
  }
}

function showConnection(alive: boolean, error?: unknown): void {
  const lost = byId('lost');
  if (alive && !lost.hidden) byId('news').textContent = 'The service answers again.';
  lost.hidden = alive;
  if (alive) return;
  patch(lost, [
    error instanceof Refusal ? error.lines.join(' ') : 'The service does not answer. Is segue serve still running?',
    seen
      ? ' What you see is the last that it said; this page tries again every few seconds.'
      : ' This page tries again every few seconds.',
  ]);
}

/** Does what a button is for and shows at once what the service answers; a refusal stays until the next press. */
async function act(path: string, body: unknown): Promise<void> {
  byId('refusal').hidden = true;
  try {
    const run = await ask<RunView>(path, body);
    if (seen) {
      const others = seen.runs.filter(({ id }) => id !== run.id);
      seen = { ...seen, runs: [run, ...others].sort((a, b) => b.id - a.id) };
      draw(seen);
    }
    stateReadAt = Number.NEGATIVE_INFINITY;
    wake();
  } catch (error) {
    const lines =
      error instanceof Refusal ? error.lines : ['Nothing was started or changed: the service does not answer.'];
    patch(
      byId('refusal'),
      lines.map((line) => element('p', {}, line)),
    );
    byId('refusal').hidden = false;
  }
}

function press(button: HTMLElement): void {
  const { runPipeline, retryRun, cancelRun, showAll: all, showFirst: first } = button.dataset;
  if (button.getAttribute('aria-disabled') === 'true') return;
  if (runPipeline !== undefined) void act('/api/runs', { pipeline: runPipeline });
  else if (retryRun !== undefined) void act(`/api/runs/${retryRun}/retry`, {});
  else if (cancelRun !== undefined) void act(`/api/runs/${cancelRun}/cancel`, {});
  else if (all !== undefined || first !== undefined) {
    showAll = all !== undefined;
    if (seen) draw(seen);
  }
}

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button') : null;
  if (button) press(button);
});
// `toggle` does not bubble.
document.addEventListener('toggle', () => void readOpenLogs().catch((error) => showConnection(false, error)), true);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) wake();
});
window.addEventListener('hashchange', () => {
  stateReadAt = Number.NEGATIVE_INFINITY;
  wake();
  if (location.hash.startsWith('#edition-')) byId('edition-title').scrollIntoView();
});
void keepFresh();
