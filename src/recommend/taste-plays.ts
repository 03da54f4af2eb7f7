import { type LocalTime, localTimeIn } from '../base/local-time.ts';
import type { CatalogueTrack } from './catalogue.ts';
import { identityOf, knownRecordings } from './known-recordings.ts';
import type { ListenedTrack } from './seeds.ts';
import { MONTHS, nameOf, ruleId, type TasteRule, type TrackRule, WEEKDAYS } from './taste-rules.ts';

/** A play with what rules ask of it; null where its source does not say. */
export interface TastePlay extends ListenedTrack {
  /** Spotify's ids of the artists, in the order of their names. */
  readonly artistIds: readonly (string | null)[];
  readonly platform: string | null;
  /** URI of what it was played from. */
  readonly contextUri: string | null;
  readonly privateSession: boolean | null;
  readonly skipped: boolean | null;
  readonly reasonEnd: string | null;
}

export interface RuleEffect {
  readonly id: string;
  /** Plays that it leaves out, whether or not another rule does too. */
  readonly plays: number;
  /** Plays of which nobody knows whether it names them; they are kept. */
  readonly unknown: number;
}

export interface PlaysLeft<Play> {
  readonly kept: Play[];
  /** Plays that one rule or more left out. */
  readonly leftOut: number;
  /** One for each rule that can leave plays out, in the order of the rules. */
  readonly effects: RuleEffect[];
}

/** Leaves out the plays that a rule names. Hours and days are those of the time zone, at the end of the play. */
export function leaveOutPlays<Play extends TastePlay>(
  plays: readonly Play[],
  rules: readonly TasteRule[],
  timeZone: string,
): PlaysLeft<Play> {
  const localTime = localTimeIn(timeZone);
  const tests = rules.flatMap((rule) => {
    const names = namesPlays(rule);
    return names === undefined ? [] : [{ id: ruleId(rule), names, plays: 0, unknown: 0 }];
  });
  if (tests.length === 0) return { kept: [...plays], leftOut: 0, effects: [] };
  const kept = plays.filter((play) => {
    const time = localTime(play.endedAt);
    let counts = true;
    for (const test of tests) {
      const named = test.names(play, time);
      if (named === undefined) test.unknown++;
      if (named !== true) continue;
      test.plays++;
      counts = false;
    }
    return counts;
  });
  const effects = tests.map(({ id, plays, unknown }) => ({ id, plays, unknown }));
  return { kept, leftOut: plays.length - kept.length, effects };
}

/** Whether a play is one that the rule names; undefined: nobody knows. */
type Names = (play: TastePlay, time: LocalTime) => boolean | undefined;

/** The test of a rule on plays; undefined for rules that leave no plays out. */
export function namesPlays(rule: TasteRule): Names | undefined {
  switch (rule.rule) {
    case 'artist': {
      if (rule.only === 'songs') return undefined;
      const wanted = nameOf(rule.name);
      const isWanted = remembered((artist: string) => nameOf(artist) === wanted);
      return ({ artists, artistIds }) =>
        // Two artists may share a name: where both ids are known, they decide.
        artists.some((artist, at) =>
          rule.id !== undefined && artistIds[at] ? artistIds[at] === rule.id : isWanted(artist),
        );
    }
    case 'track':
      return rule.only === 'songs' ? undefined : remembered(isTrack(rule), ({ id }) => id);
    case 'playlist':
      // Older ones are spotify:user:<name>:playlist:<id>.
      return ({ contextUri }) => (contextUri === null ? undefined : contextUri.endsWith(`:playlist:${rule.id}`));
    case 'hours': {
      const { from, to } = rule;
      return (_, { hour }) => (from < to ? hour >= from && hour < to : hour >= from || hour < to);
    }
    case 'weekday':
      return (_, { weekday }) => WEEKDAYS[weekday - 1] === rule.day;
    case 'month':
      return (_, { month }) => MONTHS[month - 1] === rule.month;
    case 'period': {
      const { from = '0000-01-01', to = '9999-12-31' } = rule;
      return (_, time) => {
        const day = `${String(time.year).padStart(4, '0')}-${dayOfYear(time)}`;
        return day >= from && day <= to;
      };
    }
    case 'yearly': {
      const { from, to } = rule;
      return (_, time) => {
        const day = dayOfYear(time);
        return from <= to ? day >= from && day <= to : day >= from || day <= to;
      };
    }
    case 'device': {
      // From the beginning of a word: "iphone" is in "iPhone12,1", "car" not in "Oscar's".
      const wanted = ` ${nameOf(rule.name)}`;
      const isWanted = remembered((platform: string) => ` ${nameOf(platform)}`.includes(wanted));
      return ({ platform }) => (platform === null ? undefined : isWanted(platform));
    }
    case 'skips':
      return ({ skipped, reasonEnd }) => {
        // Exports before 2022 leave `skipped` empty, but tell that the forward button ended the play.
        if (skipped !== null || reasonEnd === null) return skipped ?? undefined;
        return reasonEnd === 'fwdbtn';
      };
    case 'private':
      return rule.counts ? undefined : ({ privateSession }) => privateSession ?? undefined;
    default:
      return undefined;
  }
}

/** Whether the rules let a liked or top song be a seed: rules on its artist or itself do, the others speak of plays. */
export function seedAllowed(rules: readonly TasteRule[]): (track: CatalogueTrack) => boolean {
  const tests = rules.flatMap((rule) => {
    if ((rule.rule !== 'artist' && rule.rule !== 'track') || rule.only === 'songs') return [];
    if (rule.rule === 'track') return [isTrack(rule)];
    const wanted = nameOf(rule.name);
    return [({ artists }: CatalogueTrack) => artists.some((artist) => nameOf(artist) === wanted)];
  });
  return (track) => !tests.some((names) => names(track));
}

/** Whether a track is a recording of the one that a rule names. */
export function isTrack(rule: TrackRule): (track: CatalogueTrack) => boolean {
  const { id = '', isrc, title, artist } = rule;
  const known = knownRecordings([identityOf({ id, isrc, title, artists: [artist] })]);
  return (track) => known.has(identityOf(track));
}

/** Asks once for each key: a million plays of two artists took 3.2 s without, .5 s with it. */
function remembered<Item>(ask: (item: Item) => boolean, keyOf: (item: Item) => unknown = (item) => item) {
  const answers = new Map<unknown, boolean>();
  return (item: Item): boolean => {
    const key = keyOf(item);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(item);
    answers.set(key, answer);
    return answer;
  };
}

function dayOfYear({ month, day }: LocalTime): string {
  return `${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
