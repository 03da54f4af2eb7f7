import type { Json } from '../base/task.ts';
import { type Absence, explainAbsence } from '../tasks/explain-absence.ts';
import type { CliCommand } from './command.ts';
import { cut, formatNumber, formatTime, paint, plural, table, wrap } from './format.ts';
import { editionNumber, openEdition } from './open-edition.ts';

/** What each rule says of a song that it left out. */
const RULES: Readonly<Record<string, string>> = {
  unnamed: 'it has no title or no artist, so that nothing could be said of it',
  'not-playable': 'Spotify says that it cannot be played in your country',
  heard: 'you have heard it',
  liked: 'it is among your liked songs',
  'recommended-lately': 'it was recommended to you in the weeks before',
  'same-recording': 'another edition of the same recording is in',
  'artist-limit': 'there are as many songs by its artists as one edition takes',
};

export const whyNot: CliCommand = {
  name: 'why-not',
  summary: 'Say what kept a song out of an edition.',
  runs: 'app',
  examples: ['why-not "Journey - Separate Ways"', 'why-not spotify:track:36xEjbl8DtevPJgw6i9IuY --edition 12'],
  define: (command) =>
    command
      .argument('<song>', 'a track id, URI or link; "artist - title" or a title')
      .option('--edition <n>', 'number of the edition, or "newest"', editionNumber, 'newest'),
  async run({ args, options }, { app, terminal }) {
    const opened = await app();
    const { store, config, listener, recommenders } = opened;
    const edition = await openEdition(opened, options.edition as number | 'newest');
    const needs = { store, recommenders, listenerId: listener.id };
    const absence = await explainAbsence(needs, edition, String(args[0]), terminal.signal);
    const time = (at: Date) => formatTime(at, config.timeZone);
    const { track, ranking, position } = absence;
    const places = Object.entries(ranking?.places ?? {}).sort(([, a], [, b]) => (a || Infinity) - (b || Infinity));
    return {
      json: inJson(edition.editionId, absence),
      lines: [
        cut(`${paint(terminal, 'bold', track.title)} · ${track.artists.join(', ')}`, terminal.width),
        ...verdict(edition.editionId, absence, time).flatMap((line) => wrap(line, terminal.width)),
        ...(places.length === 0
          ? []
          : [
              '',
              ...table(
                [
                  ['recommender', 'place'],
                  ...places.map(([name, place]) => [
                    name,
                    place === 0 ? 'not among its candidates' : formatNumber(place),
                  ]),
                ],
                terminal.width,
              ),
            ]),
      ],
      ...(position === null ? {} : { next: `segue why ${edition.editionId} ${position + 1}` }),
    };
  },
};

function verdict(editionId: number, absence: Absence, time: (at: Date) => string): string[] {
  const { position, rule, heard, ranking, candidates, lastTaken, holders } = absence;
  if (position !== null) return [`It is in edition ${editionId}, as number ${position + 1}.`];
  const plays =
    heard === null
      ? []
      : [
          `You have played it ${heard.plays === 1 ? 'once' : `${heard.plays} times`}, last on ${time(heard.lastPlayedAt)}.`,
        ];
  const known = holders === null ? [] : [`${plural(holders, 'playlist')} ${holders === 1 ? 'holds' : 'hold'} it.`];
  if (rule !== null) return [`A rule left it out: ${RULES[rule] ?? rule}.`, ...plays, ...known];
  if (ranking === null) {
    return [
      `No recommender has it among the ${formatNumber(candidates)} candidates for the songs that edition ${editionId} started from.`,
      ...plays,
      ...known,
    ];
  }
  const last = lastTaken === null ? '' : `; the last song taken is number ${formatNumber(lastTaken)} there`;
  return [
    `Its turn did not come: it is number ${formatNumber(ranking.place)} of ${formatNumber(candidates)} candidates for the songs that edition ${editionId} started from${last}.`,
    ...plays,
    ...known,
  ];
}

function inJson(editionId: number, { track, heard, ranking, ...absence }: Absence): Json {
  return {
    edition: editionId,
    track: { id: track.id, title: track.title, artists: [...track.artists] },
    ...absence,
    heard: heard && { plays: heard.plays, lastPlayedAt: heard.lastPlayedAt.toISOString() },
    ranking: ranking && { ...ranking, shares: { ...ranking.shares }, places: { ...ranking.places } },
  };
}
