import type { HeardFacts } from './own-songs.ts';
import type { Seed } from './seeds.ts';

const DAY_MS = 86_400_000;

/** Below this cosine two songs have little in common, and the reason says what the song goes with instead. */
const ALIKE = 0.3;

export interface ReasonContext {
  readonly now: Date;
  /** IANA time zone in which days are named. */
  readonly timeZone: string;
}

/**
 * One sentence on why this song, of facts that stand in the edition: the seed, its listens, the similarity. For example
 * "Because you played Harbour Lights by Marrow & Tide 3 times since Tuesday; the two stand in similar playlists
 * (similarity .71)."
 */
export function reasonFor(seed: Seed | undefined, similarity: number | undefined, context: ReasonContext): string {
  if (seed === undefined) return 'Because many playlists hold it.';
  const name = `${seed.title} by ${seed.artists[0] ?? 'an unnamed artist'}`;
  if (similarity === undefined || similarity < ALIKE) {
    const figure = similarity === undefined ? '' : ` (similarity ${twoDigits(similarity)})`;
    return `Because it goes with your recent songs taken together; the nearest of them is ${name}, which ${did(seed, context)}${figure}.`;
  }
  return `Because ${inWords(seed, name, context)}; the two stand in similar playlists (similarity ${twoDigits(similarity)}).`;
}

function inWords(seed: Seed, name: string, context: ReasonContext): string {
  if (seed.origin === 'liked') return `you liked ${name}`;
  if (seed.origin === 'top') return `${name} is among your top songs`;
  if (seed.origin === 'playlist') return `${name} is in the playlist you chose`;
  return `you played ${name} ${howOften(seed, context)}`;
}

/** What the listener did with a seed, to follow "which": "you played twice on Tuesday". */
export function did(seed: Seed, context: ReasonContext): string {
  if (seed.origin === 'liked') return 'you liked';
  if (seed.origin === 'top') return 'is among your top songs';
  if (seed.origin === 'playlist') return 'is in the playlist you chose';
  return `you played ${howOften(seed, context)}`;
}

function howOften({ plays, firstPlayedAt, lastPlayedAt }: Seed, context: ReasonContext): string {
  const first = dayName(firstPlayedAt, context);
  const times = plays === 2 ? 'twice' : `${plays} times`;
  if (plays === 1) return onDay(first);
  return first === dayName(lastPlayedAt, context) ? `${times} ${onDay(first)}` : `${times} since ${first}`;
}

function onDay(day: string): string {
  return day === 'today' || day === 'yesterday' ? day : `on ${day}`;
}

/** Why a song of the listener's own history: "Because you played it 14 times in 2019, and last on 3 March 2024." */
export function historyReason(
  { plays, isLiked, lastPlayedAt }: HeardFacts,
  when: string,
  context: ReasonContext,
): string {
  const times = plays === 1 ? 'once' : plays === 2 ? 'twice' : `${plays} times`;
  const last = lastPlayedAt && dayName(lastPlayedAt, context);
  const played = [
    ...(isLiked ? ['liked it'] : []),
    ...(plays > 0 ? [`played it ${times}${when === 'ever' ? '' : ` ${when}`}`] : []),
  ].join(' and ');
  if (last === undefined) return `Because you ${played}.`;
  return `Because you ${played}, and last ${plays > 0 ? '' : 'played it '}${onDay(last)}.`;
}

/** "today", "yesterday", the weekday within the last six days, else "3 November", with the year where it is another. */
function dayName(time: Date, { now, timeZone }: ReasonContext): string {
  const ago = dayNumber(now, timeZone) - dayNumber(time, timeZone);
  if (ago <= 0) return 'today';
  if (ago === 1) return 'yesterday';
  if (ago <= 6) return time.toLocaleDateString('en-GB', { timeZone, weekday: 'long' });
  const isThisYear = yearOf(time, timeZone) === yearOf(now, timeZone);
  return time.toLocaleDateString('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'long',
    ...(isThisYear ? {} : { year: 'numeric' }),
  });
}

/** Days since 1970 of the local calendar date. */
function dayNumber(time: Date, timeZone: string): number {
  // Sweden writes dates as ISO 8601 does.
  return Date.parse(`${time.toLocaleDateString('sv-SE', { timeZone })}T00:00:00Z`) / DAY_MS;
}

function yearOf(time: Date, timeZone: string): string {
  return time.toLocaleDateString('sv-SE', { timeZone }).slice(0, 4);
}

/** ".71". */
export function twoDigits(similarity: number): string {
  return similarity.toFixed(2).replace(/^(-?)0\./, '$1.');
}
