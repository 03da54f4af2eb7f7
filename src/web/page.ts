import type { EditionView, RunView, StateView } from '../api/contract.ts';

// The one page of the service: asks the JSON API and draws what it says. Data reaches the page as text nodes only.

const REFRESH_MS = 3_000;

type Child = Node | string | null | undefined;

function element(tag: string, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElement {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

async function ask<Answer>(path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(path, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error([answer.error?.message, answer.error?.why, answer.error?.hint].join(' '));
  return answer as Answer;
}

let timeZone = 'UTC';
const number = (value: number): string => value.toLocaleString('en-GB');
const moment = (iso: string): string =>
  new Date(iso).toLocaleString('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
const day = (iso: string): string =>
  new Date(iso).toLocaleDateString('en-GB', { timeZone, day: 'numeric', month: 'short', year: 'numeric' });

function duration(from: string | null, to: string | null): string {
  if (!from) return '';
  const seconds = ((to ? Date.parse(to) : Date.now()) - Date.parse(from)) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function card(label: string, value: string, detail: string): HTMLElement {
  return element(
    'div',
    {},
    element('dt', {}, label),
    element('dd', { class: 'number' }, value),
    element('dd', { class: 'quiet' }, detail),
  );
}

function drawState(state: StateView): void {
  timeZone = state.timeZone;
  const { account, plays, library, model, corpora } = state;
  byId('account').textContent = account
    ? account.status === 'connected'
      ? `Connected as ${account.name}, until ${day(account.expiresAt)}`
      : `${account.name}: ${account.reason ?? 'not connected'}`
    : 'No account connected';
  byId('next').replaceChildren(`${state.next.why} `, element('code', {}, `npm run -s segue -- ${state.next.command}`));
  const training = corpora.find((corpus) => corpus.kind === 'training');
  byId('state').replaceChildren(
    card(
      'Plays',
      number(plays.total),
      plays.newestAt ? `${number(plays.listens)} listens; last ${moment(plays.newestAt)}` : 'none yet',
    ),
    card(
      'Songs played',
      number(plays.tracks),
      plays.openGaps > 0 ? `${number(plays.openGaps)} gaps to fill from an export` : 'no gap',
    ),
    card('Library', number(library.likedTracks), `liked songs; ${number(library.playlists)} playlists`),
    card(
      'Training corpus',
      number(training?.playlists ?? 0),
      training ? `playlists; ${number(training.tokens)} songs in them` : 'not built yet',
    ),
    card(
      'Song vectors',
      number(model?.vocabulary ?? 0),
      model ? `${model.algorithm}, ${model.dimensions} dimensions, ${day(model.createdAt)}` : 'not trained yet',
    ),
    card('Audio features', number(state.features), 'songs'),
  );
  byId('pipelines').replaceChildren(...state.pipelines.map(drawPipeline));
  byId('footer').textContent =
    `Segue ${state.version} · ${state.database === 'embedded' ? 'embedded database' : 'PostgreSQL server'} · times in ${state.timeZone}`;
}

function drawPipeline(pipeline: StateView['pipelines'][number]): HTMLElement {
  const start = element('button', { type: 'button' }, 'Run now') as HTMLButtonElement;
  const busy = pipeline.last?.status === 'running' || pipeline.last?.status === 'queued';
  start.disabled = busy;
  start.onclick = () => {
    start.disabled = true;
    ask('/api/runs', { pipeline: pipeline.name }).then(refresh, showTrouble);
  };
  const when = pipeline.paused ? 'paused' : pipeline.nextRunAt ? `next ${moment(pipeline.nextRunAt)}` : 'when asked';
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'row' },
      element('strong', {}, pipeline.name),
      element('span', { class: 'quiet' }, when),
      element('span', { class: 'end' }, start),
    ),
    element('div', { class: 'quiet' }, pipeline.summary),
  );
}

function drawEdition(edition: EditionView | null): void {
  if (!edition) {
    byId('edition-summary').textContent = 'There is none yet.';
    byId('edition').replaceChildren();
    return;
  }
  const { publication } = edition;
  byId('edition-summary').textContent = [
    publication ? `“${publication.name}”` : `“${edition.title}” (a draft)`,
    `${edition.items.length} songs`,
    `made ${moment(edition.createdAt)}`,
    `from ${edition.seedsFound} of ${edition.seedsTotal} recently played songs`,
    publication?.verifiedAt ? 'in the account, read back and equal to what was meant' : null,
  ]
    .filter(Boolean)
    .join(' · ');
  byId('edition').replaceChildren(
    ...edition.items.map((item) =>
      element(
        'li',
        {},
        element(
          'div',
          {},
          element('div', {}, element('strong', {}, item.title), ` ${item.artists.join(', ')}`),
          element('div', { class: 'reason' }, item.reason),
        ),
        element(
          'div',
          { class: 'match' },
          item.similarity === null ? '' : `${Math.round(item.similarity * 100)} % alike`,
        ),
      ),
    ),
  );
}

/** Logs that are open, so that drawing anew does not close them. */
const openLogs = new Set<number>();

function drawRun(run: RunView): HTMLElement {
  const failed = run.tasks.flatMap((task) => task.attempts.slice(-1)).find((attempt) => attempt.status === 'failed');
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'row' },
      element('strong', {}, run.pipeline),
      element('span', { class: `status ${run.status}` }, run.status),
      element(
        'span',
        { class: 'quiet' },
        `${moment(run.createdAt)} · ${run.trigger} · ${duration(run.startedAt, run.finishedAt)}`,
      ),
    ),
    element(
      'ul',
      { class: 'tasks' },
      ...run.tasks.map((task) =>
        element(
          'li',
          { class: `task ${task.status}`, title: summary(task.output) },
          task.task,
          ` ${duration(task.startedAt, task.finishedAt)}`,
        ),
      ),
    ),
    failed?.error ? element('p', { class: 'error' }, failed.error.join('\n')) : null,
    drawLogs(run),
  );
}

function drawLogs(run: RunView): HTMLElement {
  const details = element(
    'details',
    openLogs.has(run.id) ? { open: '' } : {},
    element('summary', {}, 'Results and logs'),
  ) as HTMLDetailsElement;
  const pre = element('pre', { tabindex: '0' });
  details.append(pre);
  const load = async (): Promise<void> => {
    const parts = await Promise.all(
      run.tasks.map(async (task) => {
        const logs = await Promise.all(
          task.attempts.map((attempt) =>
            ask<{ lines: { at: string; level: string; message: string }[] }>(`/api/attempts/${attempt.id}/log`),
          ),
        );
        const lines = logs.flatMap((log) =>
          log.lines.map((line) => `  ${line.at.slice(11, 19)} ${line.level.padEnd(5)} ${line.message}`),
        );
        return [
          `${task.task}: ${task.status}${task.output === null ? '' : `  ${summary(task.output)}`}`,
          ...lines,
        ].join('\n');
      }),
    );
    pre.textContent = parts.join('\n');
  };
  details.ontoggle = () => {
    if (details.open) {
      openLogs.add(run.id);
      load().catch(showTrouble);
    } else openLogs.delete(run.id);
  };
  return details;
}

function summary(output: unknown): string {
  if (output === null || typeof output !== 'object') return '';
  return Object.entries(output)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');
}

function showTrouble(error: unknown): void {
  const trouble = byId('trouble');
  trouble.hidden = false;
  trouble.textContent = error instanceof Error ? error.message : String(error);
}

let drawn = '';

async function refresh(): Promise<void> {
  const [state, { runs }] = await Promise.all([
    ask<StateView>('/api/state'),
    ask<{ runs: RunView[] }>('/api/runs?limit=10'),
  ]);
  const edition = state.edition ? await ask<EditionView>(`/api/editions/${state.edition.id}`) : null;
  byId('trouble').hidden = true;
  // Drawing anew would lose the reader's place and focus: only when something has changed.
  const fingerprint = JSON.stringify([{ ...state, now: '' }, runs, edition]);
  if (fingerprint === drawn) return;
  drawn = fingerprint;
  drawState(state);
  drawEdition(edition);
  byId('runs').replaceChildren(...runs.map(drawRun));
  if (runs.length === 0) byId('runs').append(element('li', { class: 'quiet' }, 'Nothing has run yet.'));
}

async function keepFresh(): Promise<void> {
  try {
    await refresh();
  } catch (error) {
    showTrouble(error instanceof TypeError ? 'The service does not answer. Is it still running?' : error);
  }
  setTimeout(keepFresh, document.hidden ? REFRESH_MS * 10 : REFRESH_MS);
}

void keepFresh();
