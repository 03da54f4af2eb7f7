import type { StateView } from '../api/contract.ts';
import { readState } from '../server/state.ts';
import type { CliCommand } from './command.ts';
import { formatNumber, formatTime, paint, table } from './format.ts';
import { showStatus } from './runs.ts';
import type { Terminal } from './terminal.ts';

export const status: CliCommand = {
  name: 'status',
  summary: 'Show the state of everything and the next useful command (the same as segue alone).',
  runs: 'app',
  examples: ['', 'status --json'],
  define: () => {},
  async run(_values, { app, terminal }) {
    const opened = await app();
    const state = await readState(opened);
    return {
      json: state,
      lines: showState(
        state,
        terminal,
        new Set(
          opened.engine.pipelines
            .values()
            .filter(({ cron }) => cron)
            .map(({ name }) => name),
        ),
      ),
      next: `segue ${state.next.command}   ${paint(terminal, 'dim', state.next.why)}`,
    };
  },
};

/** `timed`: pipelines that have a schedule as soon as the service has run once. */
function showState(state: StateView, terminal: Terminal, timed: ReadonlySet<string>): string[] {
  const time = (iso: string) => formatTime(new Date(iso), state.timeZone);
  const { account, plays, library, model, edition } = state;
  const training = state.corpora.find((corpus) => corpus.kind === 'training');
  const sources = state.corpora.filter((corpus) => corpus.kind === 'source');
  const n = formatNumber;
  const rows: [string, string][] = [
    [
      'account',
      account
        ? account.status === 'connected'
          ? `${account.name}, connected until ${time(account.expiresAt)}`
          : `${account.name}, ${paint(terminal, 'red', account.reason ?? account.status)}`
        : 'none connected',
    ],
    ...(state.blockedUntil
      ? ([['Spotify', paint(terminal, 'yellow', `takes no calls until ${time(state.blockedUntil)}`)]] as [
          string,
          string,
        ][])
      : []),
    [
      'plays',
      plays.newestAt && plays.oldestAt
        ? `${n(plays.total)} (${n(plays.listens)} listens) of ${n(plays.tracks)} songs, ${time(plays.oldestAt)} to ${time(plays.newestAt)}`
        : 'none yet',
    ],
    ...(plays.openGaps > 0
      ? ([['gaps', `${n(plays.openGaps)} stretches from which plays may be missing`]] as [string, string][])
      : []),
    ['library', `${n(library.likedTracks)} liked songs, ${n(library.playlists)} playlists`],
    [
      'corpus',
      training
        ? `${n(training.playlists)} playlists, ${n(training.tokens)} songs in them, ${n(training.tracks)} different, from ${n(sources.length)} sources`
        : `not built yet; ${n(sources.length)} sources`,
    ],
    ['features', `audio features of ${n(state.features)} songs`],
    [
      'model',
      model
        ? `${model.algorithm}, ${n(model.vocabulary)} songs x ${model.dimensions}${model.algorithm === 'imported' ? '' : ', trained'} ${time(model.createdAt)}`
        : 'none yet',
    ],
    [
      'edition',
      edition
        ? `${edition.id} "${edition.title}", ${n(edition.items)} songs, ${edition.status}, ${time(edition.createdAt)}`
        : 'none yet',
    ],
  ];
  const pipelines = state.pipelines.map((pipeline) => [
    pipeline.name,
    startsBy(pipeline, timed, time),
    pipeline.last
      ? `last ${showStatus(terminal, pipeline.last.status)} ${time(pipeline.last.createdAt)}`
      : 'has not run',
  ]);
  return [
    `${paint(terminal, 'bold', 'Segue')} ${state.version}, ${state.database === 'embedded' ? 'embedded database' : 'PostgreSQL server'}`,
    '',
    ...table(
      rows.map(([label, text]) => [paint(terminal, 'dim', label), text]),
      terminal.width,
    ),
    '',
    ...table(pipelines, terminal.width),
  ];
}

function startsBy(
  { name, paused, nextRunAt }: StateView['pipelines'][number],
  timed: ReadonlySet<string>,
  time: (iso: string) => string,
): string {
  if (paused) return 'paused';
  if (nextRunAt) return `next ${time(nextRunAt)}`;
  return timed.has(name) ? 'by itself once segue serve runs' : 'by hand';
}
