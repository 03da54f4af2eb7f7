import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import { normaliseName, normaliseTitle, parseTrackId } from '../music/track.ts';
import { compareFeatures, type FeatureDifference } from '../recommend/compare-features.ts';
import { type ItemFacts, itemFacts } from '../recommend/item-facts.ts';
import type { Store } from '../store/connect.ts';
import type { EditionContents } from '../store/editions.ts';
import { findFeatures } from '../store/features.ts';
import type { CliCommand } from './command.ts';
import { cut, formatNumber, formatTime, paint, plural, table, wrap } from './format.ts';
import { editionNumber, openEdition } from './open-edition.ts';
import type { Terminal } from './terminal.ts';

type Item = EditionContents['items'][number];

export const why: CliCommand = {
  name: 'why',
  summary: 'Show the rows behind a song of an edition: recommenders, seeds, playlists.',
  runs: 'app',
  examples: ['why newest 3', 'why 12 "Krokus - Screaming in the Night"'],
  define: (command) =>
    command
      .argument('<edition>', 'number of the edition, or "newest"', editionNumber)
      .argument('<song>', 'its place in the edition, from 1; a track id, URI or link; "artist - title" or a title'),
  async run({ args }, { app, terminal }) {
    const opened = await app();
    const edition = await openEdition(opened, args[0] as number | 'newest');
    const item = findItem(edition, String(args[1]));
    const facts = itemFacts.parse(item.facts ?? {});
    const time = (at: Date) => formatTime(at, opened.config.timeZone);
    const sound = await soundsOf(opened.store, item);
    return {
      json: { ...inJson(edition, item, facts), sound: sound.map(asRow) },
      lines: [...linesOf(edition, item, facts, time, terminal), ...soundLines(sound, item, terminal)],
    };
  },
};

/** The song and the seed that its reason names, by their audio features; nothing where one has none. */
async function soundsOf({ db }: Store, { trackId, seed }: Item): Promise<FeatureDifference[]> {
  if (seed === null) return [];
  const features = await findFeatures(db, [trackId, seed.id]);
  const [own, other] = [features.get(trackId), features.get(seed.id)];
  return own === undefined || other === undefined ? [] : compareFeatures(own, other);
}

function asRow({ feature, a, b, apart, unit }: FeatureDifference): { [name: string]: Json } {
  return { feature, song: a, seed: b, apart, unit };
}

function soundLines(sound: readonly FeatureDifference[], { seed }: Item, terminal: Terminal): string[] {
  if (sound.length === 0 || seed === null) return [];
  const figure = (value: number) => String(Number(value.toFixed(2)));
  return [
    '',
    paint(terminal, 'bold', `How it sounds beside ${seed.title}`),
    ...table(
      [
        ['feature', 'this song', 'that one', 'apart'],
        ...sound.map(({ feature, a, b, apart, unit }) => [
          feature,
          figure(a),
          figure(b),
          `${figure(apart)}${unit === '' ? '' : ` ${unit}`}`,
        ]),
      ],
      terminal.width,
    ),
  ];
}

function findItem({ editionId, items }: EditionContents, text: string): Item {
  const id = parseTrackId(text.trim());
  const wanted = names(text);
  const found =
    items.find(({ trackId }) => trackId === id) ??
    items.find(({ position }) => /^\d{1,5}$/.test(text.trim()) && position === Number(text) - 1) ??
    items.find(({ track }) => wanted.some(([artist, title]) => isNamed(track, artist, title)));
  if (found !== undefined) return found;
  throw new ExpectedError('not-found', `Edition ${editionId} has no song "${text}".`, {
    why: `None of its ${items.length} songs has this place, id, or artist and title.`,
    hint: `segue editions ${editionId} lists them; segue why-not "${text}" says what kept it out.`,
  });
}

/** "artist - title" in either order, or a title alone. */
function names(text: string): [artist: string | undefined, title: string][] {
  const cuts = [...text.matchAll(/\s[-–—]\s/g)].flatMap(({ index }) => {
    const [left, right] = [text.slice(0, index), text.slice(index + 3)];
    return [
      [left, right],
      [right, left],
    ] as [string, string][];
  });
  return [...cuts, [undefined, text]];
}

function isNamed({ title, artists }: Item['track'], artist: string | undefined, wanted: string): boolean {
  if (normaliseTitle(title) !== normaliseTitle(wanted) && title !== wanted) return false;
  return artist === undefined || artists.some((name) => normaliseName(name) === normaliseName(artist));
}

function linesOf(
  edition: EditionContents,
  item: Item,
  { shares = {}, places = {}, evidence }: ItemFacts,
  time: (at: Date) => string,
  terminal: Terminal,
): string[] {
  const { width } = terminal;
  const titleOf = titlesOf(edition);
  const heading = (text: string) => ['', paint(terminal, 'bold', text)];
  const members = Object.keys({ ...shares, ...places }).sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
  return [
    cut(`${item.position + 1}. ${paint(terminal, 'bold', item.track.title)} · ${item.track.artists.join(', ')}`, width),
    ...wrap(item.reason, width),
    ...heading('Who recommended it'),
    ...(members.length === 0
      ? [`${item.recommender} alone, with a score of ${item.score.toFixed(3)}`]
      : table(
          [
            ['recommender', 'share', 'place'],
            ...members.map((name) => [
              name,
              shares[name] === undefined ? '' : `${Math.round(100 * shares[name])} %`,
              places[name] ? `${formatNumber(places[name])}` : 'not among its candidates',
            ]),
          ],
          width,
        )),
    ...(evidence === undefined
      ? []
      : [
          ...heading('Your songs beside it, and in how many playlists'),
          ...(evidence.seeds.length === 0
            ? ['No playlist holds it together with one of your songs.']
            : table(
                [
                  ['your song', 'plays', 'last', 'together', 'of'],
                  ...evidence.seeds.map(({ track, together, holders }) => {
                    const seed = edition.seeds.find(({ trackId }) => trackId === track);
                    return [
                      cut(titleOf(track), 42),
                      seed?.plays ?? '',
                      seed === undefined ? '' : time(seed.lastPlayedAt),
                      together,
                      holders,
                    ];
                  }),
                ],
                width,
              )),
          ...heading('Playlists'),
          `${plural(evidence.holders, 'playlist')} of ${formatNumber(evidence.playlists)} hold it, ${formatNumber(evidence.shared)} of them with a song of yours.`,
          ...evidence.examples.flatMap(({ name, seeds }) =>
            wrap(
              `${name.trim() === '' ? 'without a name' : `“${name.trim()}”`}: with ${seeds.slice(0, 5).map(titleOf).join('; ')}${seeds.length > 5 ? ` and ${seeds.length - 5} more` : ''}`,
              width,
            ),
          ),
        ]),
    ...(item.seed === null || item.similarity === null
      ? []
      : [
          ...heading('Song vectors'),
          `Similarity ${item.similarity.toFixed(2)} to ${item.seed.title} by ${item.seed.artists[0] ?? 'an unnamed artist'}.`,
        ]),
    ...heading('Rules'),
    ...wrap(
      'No rule spoke against it: named and playable, not heard, not liked, not recommended lately, no other edition of it here, not too many by its artists.',
      width,
    ),
  ];
}

function inJson(edition: EditionContents, item: Item, facts: ItemFacts): { [name: string]: Json } {
  const titleOf = titlesOf(edition);
  return {
    edition: edition.editionId,
    position: item.position,
    track: { id: item.trackId, title: item.track.title, artists: [...item.track.artists] },
    recommender: item.recommender,
    score: item.score,
    reason: item.reason,
    seed: item.seed && { id: item.seed.id, title: item.seed.title, artists: [...item.seed.artists] },
    similarity: item.similarity,
    ...(facts as { [name: string]: Json }),
    seeds: (facts.evidence?.seeds ?? []).map(({ track, together, holders }) => {
      const seed = edition.seeds.find(({ trackId }) => trackId === track);
      return {
        track,
        name: titleOf(track),
        together,
        holders,
        plays: seed?.plays ?? null,
        lastPlayedAt: seed?.lastPlayedAt.toISOString() ?? null,
      };
    }),
  };
}

function titlesOf({ seeds }: EditionContents): (trackId: string) => string {
  const tracks = new Map(seeds.map(({ trackId, track }) => [trackId, track]));
  return (trackId) => {
    const track = tracks.get(trackId);
    return track === undefined ? trackId : `${track.title} by ${track.artists[0] ?? 'an unnamed artist'}`;
  };
}
