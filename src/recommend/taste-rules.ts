// What taste rules there are, what each is called and says. Which plays and songs they leave out stands in
// taste-plays.ts and taste-songs.ts, how they are typed in taste-text.ts.
import { z } from 'zod';
import { normaliseName, recordingKey } from '../music/track.ts';

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
] as const;

const name = z
  .string()
  .trim()
  .min(1, 'a name is missing')
  .max(300, 'a name has at most 300 characters')
  .regex(/^\P{Cc}*$/u, 'a name stands on one line');
const spotifyId = z.string().regex(/^[0-9A-Za-z]{22}$/, 'a Spotify id has 22 letters and digits');
/** Of an artist or a song: without it neither its plays count nor is it recommended. */
const only = z.enum(['plays', 'songs'], 'only is plays or songs').optional();
const date = z.string().refine(isDate, 'a date is written 2024-12-31');
const dayOfYear = z.string().refine((text) => isDate(`2024-${text}`), 'a day of the year is written 12-31');

const artistRule = z.strictObject({ rule: z.literal('artist'), name, id: spotifyId.optional(), only });
const trackRule = z.strictObject({
  rule: z.literal('track'),
  artist: name,
  title: name,
  id: spotifyId.optional(),
  isrc: z.string().min(1).max(20).optional(),
  only,
});

/** One taste rule, as the database and taste.json keep it. */
export const tasteRule = z.discriminatedUnion('rule', [
  artistRule,
  trackRule,
  /** Plays from this playlist. */
  z.strictObject({ rule: z.literal('playlist'), id: spotifyId, name: name.optional() }),
  /** Plays that end from this hour until before that one, on the clock where the listener lives; 22 to 4 goes over midnight. */
  z
    .strictObject({ rule: z.literal('hours'), from: z.int().min(0).max(23), to: z.int().min(1).max(24) })
    .refine(({ from, to }) => from !== to && !(from === 0 && to === 24), 'these hours are the whole day'),
  z.strictObject({ rule: z.literal('weekday'), day: z.enum(WEEKDAYS) }),
  z.strictObject({ rule: z.literal('month'), month: z.enum(MONTHS) }),
  /** Days, the first and the last included; one end may be open. */
  z
    .strictObject({ rule: z.literal('period'), from: date.optional(), to: date.optional() })
    .refine(({ from, to }) => from !== undefined || to !== undefined, 'a period has a first or a last day')
    .refine(({ from, to }) => !(from && to && from > to), 'the period ends before it begins'),
  /** The same days of each year, first and last included; 12-20 to 01-06 goes over New Year. */
  z.strictObject({ rule: z.literal('yearly'), from: dayOfYear, to: dayOfYear }),
  /** Plays on devices and systems whose name holds this one. */
  z.strictObject({ rule: z.literal('device'), name }),
  z.strictObject({ rule: z.literal('skips') }),
  z.strictObject({ rule: z.literal('private'), counts: z.boolean() }),
  z.strictObject({ rule: z.literal('liked'), allowed: z.boolean() }),
  z.strictObject({ rule: z.literal('explicit'), allowed: z.boolean() }),
  z.strictObject({ rule: z.literal('per-artist'), most: z.int().min(1).max(10_000) }),
  z.strictObject({ rule: z.literal('not-again'), weeks: z.int().min(0).max(5_200) }),
]);
export type TasteRule = z.output<typeof tasteRule>;
export type ArtistRule = z.output<typeof artistRule>;
export type TrackRule = z.output<typeof trackRule>;

/** What holds as long as no rule says otherwise. */
export const DEFAULT_RULES: readonly TasteRule[] = [
  { rule: 'private', counts: false },
  { rule: 'liked', allowed: false },
  { rule: 'per-artist', most: 2 },
  { rule: 'not-again', weeks: 8 },
];

/** The rules in force: those given, and the defaults that none of them replaces. */
export function withDefaults(rules: readonly TasteRule[]): TasteRule[] {
  const given = new Set(rules.map(subjectOf));
  return [...rules, ...DEFAULT_RULES.filter((rule) => !given.has(subjectOf(rule)))];
}

/** The rules with this one; it takes the place of the one on the same subject. */
export function withRule(rules: readonly TasteRule[], rule: TasteRule): TasteRule[] {
  return [...rules.filter((other) => subjectOf(other) !== subjectOf(rule)), rule];
}

/** What people call it: `artist:Enya`, `december`, `hour:2-5`. The text is also how it is typed. */
export function ruleId(rule: TasteRule): string {
  switch (rule.rule) {
    case 'artist':
      return `artist${onlyPart(rule)}:${rule.name}`;
    case 'track':
      return `track${onlyPart(rule)}:${rule.artist} - ${rule.title}`;
    case 'playlist':
      return `playlist:${rule.id}`;
    case 'hours':
      return `hour:${rule.from}-${rule.to}`;
    case 'weekday':
      return rule.day;
    case 'month':
      return rule.month;
    case 'period':
      return `period:${shortPeriod(rule)}`;
    case 'yearly':
      return `yearly:${rule.from}..${rule.to}`;
    case 'device':
      return `device:${rule.name}`;
    case 'skips':
      return 'skips';
    case 'private':
      return rule.counts ? 'allow-private' : 'private';
    case 'liked':
    case 'explicit':
      return `${rule.allowed ? 'allow' : 'no'}-${rule.rule}`;
    case 'per-artist':
      return `per-artist:${rule.most}`;
    case 'not-again':
      return `not-again:${rule.weeks}`;
  }
}

/** Two rules with the same subject cannot both hold. */
export function subjectOf(rule: TasteRule): string {
  switch (rule.rule) {
    case 'artist':
      return `artist:${nameOf(rule.name)}`;
    case 'track':
      return `track:${nameOf(rule.artist)}|${recordingKey(rule.title, rule.artist)}`;
    case 'device':
      return `device:${nameOf(rule.name)}`;
    case 'private':
    case 'liked':
    case 'explicit':
    case 'per-artist':
    case 'not-again':
      return rule.rule;
    default:
      return ruleId(rule);
  }
}

/** What names are compared by; those without a letter ("!!!") keep their signs. */
export function nameOf(text: string): string {
  return normaliseName(text) || text.trim().toLowerCase();
}

/** Of a whole month or year its number alone. */
function shortPeriod({ from = '', to = '' }: { from?: string | undefined; to?: string | undefined }): string {
  const [year, month] = from.split('-');
  if (from === `${year}-01-01` && to === `${year}-12-31`) return year!;
  if (from === `${year}-${month}-01` && to === lastOf(`${year}-${month}`)) return `${year}-${month}`;
  return from === to ? from : `${from}..${to}`;
}

/** The last day of a month written 2024-12. */
export function lastOf(month: string): string {
  const [year, number] = month.split('-').map(Number);
  const days = new Date(Date.UTC(year!, number!, 0)).getUTCDate();
  return `${month}-${String(days).padStart(2, '0')}`;
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  return new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
}

function onlyPart({ only }: ArtistRule | TrackRule): string {
  return only === undefined ? '' : `-${only}`;
}
