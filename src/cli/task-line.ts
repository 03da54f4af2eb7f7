import type { Json } from '../base/task.ts';
import { OUTCOMES } from '../recommend/outcomes.ts';
import { formatDuration, formatNumber, plural } from './format.ts';

/** A task's output as it is stored: whatever an older version stored may miss names. */
export type Facts = { readonly [name: string]: Json };

const n = (facts: Facts, name: string): number => (typeof facts[name] === 'number' ? facts[name] : 0);
const text = (facts: Facts, name: string): string => (typeof facts[name] === 'string' ? facts[name] : '');

const listed = (facts: Facts, name: string): number => (Array.isArray(facts[name]) ? facts[name].length : 0);

/** The object under a name; empty where there is none. */
export function factsIn(facts: Facts, name: string): Facts {
  const value = facts[name];
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

/** Counts by reason as words: "9 podcast, 4 no track". */
export function reasons(skipped: Facts): string {
  return Object.entries(skipped)
    .map(
      ([reason, count]) => `${typeof count === 'number' ? formatNumber(count) : count} ${reason.replaceAll('-', ' ')}`,
    )
    .join(', ');
}

/** read = stored + already there + skipped, in words; what is nought is left out. */
function account(facts: Facts, noun: string): string {
  const skipped = reasons(factsIn(facts, 'skipped'));
  return [
    `${plural(n(facts, 'stored'), `new ${noun}`)} of ${formatNumber(n(facts, 'read'))} read`,
    ...(n(facts, 'alreadyThere') > 0 ? [`${formatNumber(n(facts, 'alreadyThere'))} there before`] : []),
    ...(skipped === '' ? [] : [`skipped: ${skipped}`]),
  ].join('; ');
}

// One line each: it stands beside the task's name in a list of many.
const LINES: Record<string, (facts: Facts) => string> = {
  'sync-plays': (facts) =>
    [
      `${plural(n(facts, 'stored'), 'new play')} of ${formatNumber(n(facts, 'fetched'))} fetched`,
      ...(n(facts, 'merged') > 0 ? [`${formatNumber(n(facts, 'merged'))} completed from the export`] : []),
      ...(facts.gap ? ['some before them may be missing'] : []),
    ].join('; '),
  'sync-library': (facts) =>
    `${plural(n(facts, 'liked'), 'liked song')} (${formatNumber(n(facts, 'likedNew'))} new); ${plural(n(facts, 'playlists'), 'playlist')}, ` +
    `${formatNumber(n(facts, 'playlistsFetched'))} read; ${plural(n(facts, 'topTracks'), 'top song')}, ${plural(n(facts, 'topArtists'), 'top artist')}`,
  'import-history': (facts) => account(factsIn(facts, 'plays'), 'play'),
  'import-playlists': (facts) => account(facts, 'playlist'),
  'import-features': (facts) => account(facts, 'row'),
  'enrich-features': (facts) =>
    `audio features of ${plural(n(facts, 'found'), 'song')}; ${formatNumber(n(facts, 'missed'))} unknown to ReccoBeats`,
  'build-corpus': (facts) =>
    `${plural(n(facts, 'playlists'), 'playlist')} with ${plural(n(facts, 'tokens'), 'song')}, ${formatNumber(n(facts, 'tracks'))} different` +
    (typeof facts.playsCovered === 'number' ? `; ${percent(facts.playsCovered)} of your plays` : ''),
  'train-vectors': (facts) =>
    `${plural(n(facts, 'vocabulary'), 'song vector')} of ${formatNumber(n(facts, 'dimensions'))} dimensions; ` +
    `loss ${n(facts, 'loss').toFixed(3)}, ${formatNumber(n(facts, 'tokensPerSecond'))} tokens/s`,
  'fit-recommenders': (facts) => {
    const { blend } = factsIn(facts, 'ndcg') as { blend?: { mean?: number } };
    const champion =
      factsIn(facts, 'verdict').promoted === true ? 'the champion now' : 'worse than the champion, which stays';
    return `NDCG@500 ${(blend?.mean ?? 0).toFixed(3)} on ${plural(n(facts, 'cases'), 'playlist')} put aside; ${champion}`;
  },
  'import-vectors': (facts) =>
    `${plural(n(facts, 'vocabulary'), 'song vector')} of ${formatNumber(n(facts, 'dimensions'))} dimensions, of ${formatNumber(n(facts, 'read'))} read`,
  tune: (facts) => {
    const tried = `${plural(n(facts, 'tried'), 'setting')} tried`;
    if (facts.forgotten === true) return 'back to the defaults';
    if (facts.chosen === null) return `${tried}; the defaults stay`;
    return `${tried}; ${settingWords(factsIn(facts, 'chosen'))}`;
  },
  recommend: (facts) =>
    facts.stored === false
      ? `what if: ${listed(facts, 'go')} songs go, ${listed(facts, 'come')} come; nothing stored`
      : `edition ${n(facts, 'edition')}: ${plural(n(facts, 'items'), 'song')}; seeds: ${text(facts, 'found')}, from ${text(facts, 'from')}`,
  publish: (facts) =>
    facts.dryRun === true
      ? `would write ${plural(n(facts, 'songs'), 'song')} to "${text(facts, 'name')}" in ${plural(n(facts, 'calls'), 'call')}`
      : `${plural(n(facts, 'items'), 'song')} in "${text(facts, 'name')}", read back and verified; ${addressOf(facts)}`,
  'measure-outcomes': (facts) => {
    const leftOut = reasons(factsIn(facts, 'leftOut'));
    const songs = `${plural(n(facts, 'songs'), 'song')} of ${plural(n(facts, 'editions'), 'edition')}`;
    return `${songs}: ${outcomeWords(factsIn(facts, 'outcomes'))}${leftOut === '' ? '' : `; left out: ${leftOut}`}`;
  },
};

/** What a task did, on one line; the reason where there was nothing to do. */
export function taskLine(task: string, output: unknown): string {
  if (output === null || typeof output !== 'object' || Array.isArray(output)) return '';
  const facts = output as Facts;
  if (typeof facts.skipped === 'string') return facts.skipped;
  return LINES[task]?.(facts) ?? otherFacts(facts);
}

/** Plain facts of a task that this version does not know. */
function otherFacts(facts: Facts): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${spaced(name)} ${typeof value === 'number' ? formatNumber(value) : value}`)
    .join(', ');
}

/** `alreadyThere` as "already there". Names with other signs in them are names and stay. */
function spaced(name: string): string {
  return /^[a-z]+(?:[A-Z][a-z]+)+$/.test(name) ? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : name;
}

/** "3 kept, 1 skipped, 0 ignored, 26 open"; the database does not keep the order. */
function outcomeWords(outcomes: Facts): string {
  return OUTCOMES.map((outcome) => `${formatNumber(n(outcomes, outcome))} ${outcome}`).join(', ');
}

/** Settings in words: "epochs 40, negative exponent -0.25". */
export function settingWords(settings: Facts): string {
  const words = Object.entries(settings).map(([name, value]) => `${spaced(name)} ${value}`);
  return words.length === 0 ? 'the defaults' : words.join(', ');
}

/** Where people find a published playlist. */
export function addressOf(facts: Facts): string {
  return text(facts, 'url') || `https://open.spotify.com/playlist/${text(facts, 'playlist')}`;
}

/** 0.4699 as "47.0 %". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Seconds in words. */
export function seconds(facts: Facts, name: string): string {
  return formatDuration(n(facts, name) * 1000);
}
