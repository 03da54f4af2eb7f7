import { ExpectedError } from '../base/errors.ts';
import { parseTrackId } from '../music/track.ts';
import { lastOf, MONTHS, type TasteRule, tasteRule, WEEKDAYS } from './taste-rules.ts';

/** A rule of which only an id or a name is known; the store has the rest. */
export interface RuleLookup {
  readonly lookup: 'artist' | 'track' | 'playlist';
  /** Spotify's id of an artist or track; name of a playlist. */
  readonly of: string;
  readonly only?: 'plays' | 'songs' | undefined;
}

/** Examples of every form, for messages and --help. */
export const RULE_FORMS =
  'artist:Enya, track:"Enya - Only Time", playlist:Sleep, december, sunday, hour:22-4, period:2020-03..2020-05, ' +
  'yearly:12-20..01-06, device:Sonos, skips, private, no-explicit, allow-liked, per-artist:1, not-again:12';

/**
 * The rule that a text means: an id as `ruleId` writes it, or a looser form ("dec", "hours:22-4", "artist:" with a link).
 * Throws ExpectedError `bad-rule`.
 */
export function parseRule(text: string): TasteRule | RuleLookup {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const word = (colon < 0 ? trimmed : trimmed.slice(0, colon)).toLowerCase();
  const value = colon < 0 ? undefined : trimmed.slice(colon + 1).trim();
  const found = value === undefined ? plainWord(word) : value === '' ? undefined : wordWithValue(word, value);
  if (found === undefined) throw badRule(text, `It is none of the forms ${RULE_FORMS}.`);
  return isLookup(found) ? found : checkRule(found, text);
}

/** The rule in an object, such as a line of taste.json. Throws ExpectedError `bad-rule` with the first thing that is wrong. */
export function checkRule(value: unknown, text: string): TasteRule {
  const parsed = tasteRule.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message, code } = parsed.error.issues[0]!;
  const where = path.length === 0 || code === 'custom' ? '' : `${path.join('.')}: `;
  throw badRule(text, `${where}${message[0]!.toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.'));
}

export function badRule(text: string, why: string, wanted = 'a taste rule'): ExpectedError {
  return new ExpectedError('bad-rule', `"${text}" is not ${wanted}.`, {
    why,
    hint: 'segue taste add --help shows how rules are written, docs/taste-rules.md what each does.',
  });
}

const PLAIN: Record<string, TasteRule> = {
  skips: { rule: 'skips' },
  'no-skips': { rule: 'skips' },
  private: { rule: 'private', counts: false },
  'no-private': { rule: 'private', counts: false },
  'allow-private': { rule: 'private', counts: true },
  'no-liked': { rule: 'liked', allowed: false },
  'allow-liked': { rule: 'liked', allowed: true },
  'no-explicit': { rule: 'explicit', allowed: false },
  'allow-explicit': { rule: 'explicit', allowed: true },
};

function isLookup(found: object): found is RuleLookup {
  return 'lookup' in found;
}

function plainWord(word: string): object | undefined {
  const month = MONTHS.find((name) => isShortFor(word, name));
  const day = WEEKDAYS.find((name) => isShortFor(word.replace(/s$/, ''), name) || isShortFor(word, name));
  if (month !== undefined) return { rule: 'month', month };
  return day === undefined ? PLAIN[word] : { rule: 'weekday', day };
}

function isShortFor(word: string, name: string): boolean {
  return word.length >= 3 && name.startsWith(word);
}

function wordWithValue(word: string, value: string): object | RuleLookup | undefined {
  switch (word) {
    case 'artist':
    case 'artist-plays':
    case 'artist-songs': {
      const only = onlyOf(word);
      const of = spotifyIdIn(value, 'artist');
      return of === undefined ? { rule: 'artist', name: value, ...only } : { lookup: 'artist', of, ...only };
    }
    case 'track':
    case 'track-plays':
    case 'track-songs': {
      const of = parseTrackId(value);
      if (of !== undefined) return { lookup: 'track', of, ...onlyOf(word) };
      const [artist, ...title] = value.split(' - ');
      return title.length === 0 ? undefined : { rule: 'track', artist, title: title.join(' - '), ...onlyOf(word) };
    }
    case 'playlist': {
      const id = /^[0-9A-Za-z]{22}$/.test(value) ? value : spotifyIdIn(value, 'playlist');
      return id === undefined ? { lookup: 'playlist', of: value } : { rule: 'playlist', id };
    }
    case 'hour':
    case 'hours': {
      const [, from, to] = /^(\d{1,2})(?:\s*-\s*(\d{1,2}))?$/.exec(value.replaceAll(':00', '')) ?? [];
      // "3" is the hour from 3 to 4; midnight is 24 as an end.
      if (from === undefined) return undefined;
      const first = Number(from) === 24 ? 0 : Number(from);
      return { rule: 'hours', from: first, to: Number(to ?? first + 1) || 24 };
    }
    case 'day':
    case 'weekday':
    case 'month':
      return plainWord(value.toLowerCase());
    case 'period': {
      const [from, to = from] = value.includes('..') ? value.split('..') : [value];
      return { rule: 'period', ...firstDay(from!.trim()), ...lastDay(to!.trim()) };
    }
    case 'yearly': {
      const [from, to] = value.split('..');
      return to === undefined ? undefined : { rule: 'yearly', from: from!.trim(), to: to.trim() };
    }
    case 'device':
      return { rule: 'device', name: value };
    case 'per-artist':
      return { rule: 'per-artist', most: toNumber(value) };
    case 'not-again':
      return { rule: 'not-again', weeks: toNumber(value) };
    default:
      return undefined;
  }
}

function onlyOf(word: string): { only?: 'plays' | 'songs' } {
  if (word.endsWith('-plays')) return { only: 'plays' };
  return word.endsWith('-songs') ? { only: 'songs' } : {};
}

function spotifyIdIn(text: string, kind: string): string | undefined {
  const link = new RegExp(`^(?:spotify:|https?://open\\.spotify\\.com/(?:intl-[a-z]+/)?)${kind}[:/]([0-9A-Za-z]{22})`);
  return link.exec(text)?.[1];
}

/** 2020, 2020-03 and 2020-03-01 as days; nothing where the period is open. */
function firstDay(text: string): { from?: string } {
  if (text === '') return {};
  return { from: /^\d{4}$/.test(text) ? `${text}-01-01` : /^\d{4}-\d{2}$/.test(text) ? `${text}-01` : text };
}

function lastDay(text: string): { to?: string } {
  if (text === '') return {};
  return { to: /^\d{4}$/.test(text) ? `${text}-12-31` : /^\d{4}-\d{2}$/.test(text) ? lastOf(text) : text };
}

function toNumber(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}
