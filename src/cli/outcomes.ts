import { type OutcomesView, type OutcomeView, showEditionOutcomes, showOutcomes } from '../server/outcome-views.ts';
import type { CliCommand } from './command.ts';
import { cut, formatNumber, formatTime, paint, plural, table, wrap } from './format.ts';
import { positiveNumber } from './option-values.ts';
import { percent } from './task-line.ts';
import type { Terminal } from './terminal.ts';

type EditionOutcomes = Awaited<ReturnType<typeof showEditionOutcomes>>;
type Time = (iso: string) => string;

export const outcomes: CliCommand = {
  name: 'outcomes',
  summary: 'Show what became of recommended songs: kept, skipped or ignored, by edition and recommender.',
  runs: 'app',
  examples: ['outcomes', 'outcomes 12'],
  define: (command) => command.argument('[edition]', 'number of an edition, to see it song by song', positiveNumber),
  async run({ args }, { app, terminal }) {
    const opened = await app();
    const time: Time = (iso) => formatTime(new Date(iso), opened.config.timeZone);
    if (args[0] !== undefined) {
      const edition = await showEditionOutcomes(opened, args[0] as number);
      return { json: { ...edition }, lines: songLines(edition, terminal, time), next: 'segue outcomes' };
    }
    const found = await showOutcomes(opened);
    const { editions, recommenders } = found;
    const json = { ...found, editions: [...editions], recommenders: [...recommenders] };
    const [newest] = editions;
    if (newest === undefined)
      return {
        json,
        lines: [
          found.published
            ? 'What became of recommended songs has not been measured yet.'
            : 'No edition stands in the account yet.',
        ],
        next: found.published ? 'segue measure-outcomes' : 'segue run weekly',
      };
    return { json, lines: allLines(found, terminal, time), next: `segue outcomes ${newest.edition}` };
  },
};

function allLines({ editions, together, recommenders }: OutcomesView, terminal: Terminal, time: Time): string[] {
  const counts = ({ kept, skipped, ignored, open }: OutcomeView) =>
    [kept, skipped, ignored, open].map((count) => Math.round(count * 10) / 10);
  const total = editions.length > 1 ? [['together', '', '', ...counts(together), rateWords(together)]] : [];
  const firstEnd = editions.map(({ windowEndsAt }) => windowEndsAt).sort()[0]!;
  return [
    ...table(
      [
        ['edition', 'playlist', 'published', 'kept', 'skipped', 'ignored', 'open', 'kept of all'],
        ...editions.map((edition) => [
          String(edition.edition),
          edition.playlist,
          time(edition.publishedAt),
          ...counts(edition),
          rateWords(edition),
        ]),
        ...total,
      ],
      terminal.width,
    ),
    '',
    ...table(
      [
        ['recommender', 'kept', 'skipped', 'ignored', 'open', 'kept of all'],
        ...recommenders.map((each) => [each.recommender, ...counts(each), rateWords(each)]),
      ],
      terminal.width,
    ),
    '',
    ...wrap(
      together.rate === null
        ? `A song counts once a play after its four weeks is known: here one from ${time(firstEnd)} on.`
        : `"Kept of all" is of the ${formatNumber(Math.round(together.settled))} songs whose four weeks are over, with its 95 % interval.`,
      terminal.width,
    ),
  ];
}

/** "26.7 % (14.2 to 44.4)". */
function rateWords({ rate }: OutcomeView): string {
  if (rate === null) return '';
  return `${percent(rate.value)} (${(100 * rate.low).toFixed(1)} to ${(100 * rate.high).toFixed(1)})`;
}

const COLOURS = { kept: 'green', skipped: 'yellow', ignored: 'dim', open: 'dim' } as const;

function songLines(edition: EditionOutcomes, terminal: Terminal, time: Time): string[] {
  const digits = String(edition.songs.length).length;
  const { kept, skipped, ignored, open } = edition;
  return [
    `${paint(terminal, 'bold', edition.playlist)}, published ${time(edition.publishedAt)}`,
    `${kept} kept, ${skipped} skipped, ${ignored} ignored, ${open} open${edition.rate === null ? '' : `; kept of all: ${rateWords(edition)}`}`,
    '',
    ...edition.songs.flatMap((song) => {
      const head = `${String(song.position + 1).padStart(digits)}. ${paint(terminal, COLOURS[song.outcome], song.outcome.padEnd(7))}  ${song.title} · ${song.artists.join(', ')}`;
      const told = evidenceWords(song, time);
      return [
        cut(head, terminal.width),
        ...(told === '' ? [] : [cut(paint(terminal, 'dim', ' '.repeat(digits + 11) + told), terminal.width)]),
      ];
    }),
  ];
}

function evidenceWords(song: EditionOutcomes['songs'][number], time: Time): string {
  const { plays, fromPlaylist, heardOut, savedAt, firstListenedAt } = song;
  const parts = [
    ...(plays > 0 ? [`${plural(plays, 'play')}${fromPlaylist > 0 ? ` (${fromPlaylist} from the playlist)` : ''}`] : []),
    ...(heardOut > 0 ? [`${formatNumber(heardOut)} to the end`] : []),
    ...(firstListenedAt === null ? [] : [`first ${time(firstListenedAt)}`]),
    ...(savedAt === null ? [] : [`saved ${time(savedAt)}`]),
  ];
  return parts.join(', ');
}
