import type { StateView } from '../api/contract.ts';
import { byId, element, patch } from './element.ts';
import { counted, day, fromNow, moment, number } from './format.ts';

/** Everything that is said at the top: who is connected, what is wrong, what to do next, how much there is. */
export function drawState(state: StateView): void {
  const { account, database, version, timeZone } = state;
  const connected = account?.status === 'connected';
  patch(byId('account'), [
    element('span', {
      class: `dot ${connected ? 'succeeded' : account ? 'failed' : 'skipped'}`,
      'aria-hidden': 'true',
    }),
    account
      ? connected
        ? `${account.name}, connected until ${day(account.expiresAt)}`
        : `${account.name}, not connected`
      : 'No account connected',
  ]);
  drawNext(state);
  patch(byId('state'), cards(state));
  patch(byId('pipelines'), state.pipelines.map(drawPipeline));
  byId('footer').textContent =
    `Segue ${version} · ${database === 'embedded' ? 'embedded database' : 'PostgreSQL server'} · times in ${timeZone}`;
}

/** What is wrong, or else why something is worth doing; and what to type. */
function drawNext({ problems, next }: StateView): void {
  const box = byId('next');
  box.hidden = false;
  box.classList.toggle('trouble', problems.length > 0);
  patch(box, [
    problems.length > 0
      ? element(
          'ul',
          { class: 'plain', 'aria-label': 'Problems' },
          ...problems.map((problem) => element('li', {}, problem)),
        )
      : element('p', {}, next.why),
    element('code', {}, next.line),
  ]);
}

function cards({ plays, library, model, corpora, features }: StateView): HTMLElement[] {
  const training = corpora.find((corpus) => corpus.kind === 'training');
  const sources = corpora.filter((corpus) => corpus.kind === 'source').length;
  return [
    card(
      'Plays',
      plays.total,
      plays.newestAt
        ? `last ${fromNow(plays.newestAt)}, ${moment(plays.newestAt)}`
        : 'sync-plays or import-history brings them',
    ),
    card(
      'Songs played',
      plays.tracks,
      plays.openGaps > 0
        ? `${counted(plays.openGaps, 'gap')} that an export can fill`
        : plays.oldestAt
          ? `without a gap since ${day(plays.oldestAt)}`
          : 'nothing heard yet',
    ),
    card('Liked songs', library.likedTracks, `and ${counted(library.playlists, 'playlist')}`),
    card(
      'Playlists to learn from',
      training?.playlists ?? 0,
      training
        ? `${counted(training.tracks, 'different song')} from ${counted(sources, 'source')}`
        : 'build-corpus gathers them',
    ),
    card(
      'Song vectors',
      model?.vocabulary ?? 0,
      model
        ? `${model.algorithm}, ${model.dimensions} dimensions, ${moment(model.createdAt)}`
        : 'train-vectors makes them',
    ),
    card('Audio features', features, features > 0 ? 'songs with tempo, energy and mood' : 'import-features reads them'),
  ];
}

function card(label: string, value: number, detail: string): HTMLElement {
  return element(
    'div',
    {},
    element('dt', {}, label),
    element('dd', { class: value === 0 ? 'number quiet' : 'number' }, number(value)),
    element('dd', { class: 'small quiet' }, detail),
  );
}

function drawPipeline({
  name,
  summary,
  cron,
  paused,
  nextRunAt,
  last,
  tasks,
}: StateView['pipelines'][number]): HTMLElement {
  const busy = last?.status === 'running' || last?.status === 'queued';
  const when = paused ? 'paused' : nextRunAt ? `next ${moment(nextRunAt)}, ${fromNow(nextRunAt)}` : 'starts when asked';
  return element(
    'li',
    { 'data-key': name, class: 'sheet' },
    element(
      'div',
      { class: 'row' },
      element('h3', {}, name),
      element('span', { class: 'small quiet', title: cron ? `Schedule: ${cron}` : false }, when),
      element(
        'button',
        { type: 'button', class: 'soft end', 'data-run-pipeline': name, 'aria-disabled': busy && 'true' },
        busy ? 'Running…' : 'Run now',
        element('span', { class: 'unseen' }, ` ${name}`),
      ),
    ),
    element('p', { class: 'small' }, summary),
    last === null && element('p', { class: 'small quiet' }, tasks.map((task) => task.name).join(' · ')),
  );
}
