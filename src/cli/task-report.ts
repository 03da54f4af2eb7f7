import { basename } from 'node:path';
import type { App } from '../app.ts';
import { showEdition } from '../server/edition-views.ts';
import { type BlendFacts, reportBlend } from './blend-report.ts';
import { showSongs } from './editions.ts';
import { formatNumber, formatTime, paint, plural, table, wrap } from './format.ts';
import { addressOf, type Facts, factsIn, percent, reasons, seconds, taskLine } from './task-line.ts';
import type { Terminal } from './terminal.ts';
import { reportTuning } from './tune-report.ts';
import { reportImportedVectors } from './vectors-report.ts';
import { reportWithout } from './without-report.ts';

type Report = (facts: Facts, app: App, terminal: Terminal) => string[] | Promise<string[]>;

function measureLines({ words }: Facts, terminal: Terminal): string[] {
  return typeof words === 'string' && words !== ''
    ? wrap(`${words[0]!.toUpperCase()}${words.slice(1)}.`, terminal.width)
    : [];
}

/** What a task did, on one screen: under the command of its name. */
export async function taskReport(task: string, output: Facts, app: App, terminal: Terminal): Promise<string[]> {
  return (await REPORTS[task]?.(output, app, terminal)) ?? [taskLine(task, output)];
}

const REPORTS: Record<string, Report> = {
  'sync-plays': (facts, { config }) => [
    taskLine('sync-plays', facts),
    ...(facts.gap ? gapLines(facts.gap as { after: string; before: string }, config.timeZone) : []),
  ],
  'import-history': reportHistory,
  'import-playlists': reportPlaylists,
  'build-corpus': (facts, _, terminal) => {
    const parts = rowsIn(facts, 'parts').map((part) => [
      String(part.name),
      part.playlists as number,
      part.tokens as number,
      part.tracks as number,
      typeof part.playsCovered === 'number' ? percent(part.playsCovered) : '',
    ]);
    return [
      ...table([['source', 'playlists', 'songs in them', 'different', 'of your plays'], ...parts], terminal.width),
      '',
      `Together ${taskLine('build-corpus', facts)}.`,
    ];
  },
  'train-vectors': (facts, _, terminal) => [
    ...table(
      [
        ['learned', `${formatNumber(facts.vocabulary as number)} song vectors of ${facts.dimensions} dimensions`],
        ['from', `${plural(facts.playlists as number, 'playlist')} with ${plural(facts.tokens as number, 'song')}`],
        ['by', `${facts.algorithm}, ${plural(facts.epochs as number, 'epoch')}`],
        ...(typeof facts.settingsFrom === 'string' ? [['settings', facts.settingsFrom]] : []),
        ...(facts.startsFrom ? [['began with', `the vectors of model ${facts.startsFrom}`]] : []),
        ...(facts.goneOn === true ? [['went on', 'where it was stopped']] : []),
        ['loss', (facts.loss as number).toFixed(4)],
        ['took', `${seconds(facts, 'seconds')} at ${formatNumber(facts.tokensPerSecond as number)} tokens/s`],
        [
          'threads',
          facts.repeatable === true
            ? '1: the same seed gives the same vectors again'
            : `${facts.threads}: another run gives other vectors, as good`,
        ],
        ['model', String(facts.model)],
        ...heldOut(factsIn(facts, 'heldOut')),
      ],
      terminal.width,
    ),
  ],
  'fit-recommenders': (facts, _, terminal) => reportBlend(facts as unknown as BlendFacts, terminal),
  'import-vectors': (facts, _, terminal) => reportImportedVectors(facts, terminal),
  tune: (facts, _, terminal) => reportTuning(facts, terminal),
  recommend: async (facts, app, terminal) =>
    facts.stored === false
      ? reportWithout(facts, terminal)
      : [
          ...showSongs(await showEdition(app, facts.edition as number), terminal),
          '',
          `Edition ${facts.edition}. Seeds: ${facts.found}, from ${facts.from}.`,
          ...measureLines(factsIn(facts, 'measures'), terminal),
          ...leftOut(factsIn(facts, 'rejected')),
          ...tasteLines(factsIn(facts, 'taste')),
        ],
  publish: (facts, _, terminal) => {
    if (facts.dryRun === true) {
      const songs = facts.items as string[];
      const digits = String(songs.length).length;
      return [
        ...songs.map((song, index) => `${String(index + 1).padStart(digits)}. ${song}`),
        '',
        `Nothing was written. This ${taskLine('publish', facts)}.`,
      ];
    }
    const notPlayable = [facts.gone, facts.unavailable].flatMap((ids) => ids ?? []).length;
    return [
      `${paint(terminal, 'green', '✓')} ${plural(facts.items as number, 'song')} in "${facts.name}", read back and verified.`,
      `  ${addressOf(facts)}`,
      ...(facts.created === true ? ['  The playlist is new.'] : []),
      ...(notPlayable > 0 ? [`  ${plural(notPlayable, 'song')} of the edition cannot be played there now.`] : []),
    ];
  },
};

function reportHistory(facts: Facts, _: App, terminal: Terminal): string[] {
  const line = (label: string, of: Facts): (string | number)[] => {
    const { podcast = 0, audiobook = 0, ...others } = factsIn(of, 'skipped') as Record<string, number>;
    return [label, of.read as number, of.stored as number, of.alreadyThere as number, podcast, audiobook, sum(others)];
  };
  const files = rowsIn(facts, 'files');
  const all = [factsIn(facts, 'plays'), factsIn(facts, 'likedSongs'), factsIn(facts, 'playlistItems')];
  const together = Object.fromEntries(
    ['read', 'stored', 'alreadyThere'].map((name) => [name, sum(all.map((part) => part[name] as number))]),
  );
  const skipped = addUp(all.map((part) => factsIn(part, 'skipped') as Record<string, number>));
  const { podcast: _podcasts, audiobook: _audiobooks, ...others } = skipped;
  const plays = factsIn(facts, 'plays');
  const ignored = factsIn(facts, 'ignoredFiles') as Record<string, number>;
  const notes = [
    ...(sum(others) > 0 ? [`Skipped rows by reason: ${reasons(others)}.`] : []),
    ...((plays.mergedWithPolled as number) > 0
      ? [`${plural(plays.mergedWithPolled as number, 'polled play')} got length and end from the export.`]
      : []),
    ...((plays.gapsFilled as number) > 0 ? [`${plural(plays.gapsFilled as number, 'gap')} filled.`] : []),
    ...(sum(ignored) > 0 ? [`Files left alone: ${reasons(ignored)}.`] : []),
    ...((facts.problems as string[]) ?? []).map((problem) => paint(terminal, 'yellow', problem)),
  ];
  return [
    ...table(
      [
        ['file', 'rows', 'stored', 'already there', 'podcasts', 'audiobooks', 'skipped'],
        ...files.map((file) => line(endOf(basename(String(file.name)), terminal.width - NUMBERS_WIDTH), file)),
        ...(files.length > 1 ? [line('together', { ...together, skipped })] : []),
      ],
      terminal.width,
    ),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ];
}

// What the columns of numbers take when the counts have five digits.
const NUMBERS_WIDTH = 64;

/** The end of a long file name, which tells files of one export apart. */
function endOf(name: string, width: number): string {
  return name.length <= Math.max(width, 16) ? name : `…${name.slice(1 - Math.max(width, 16))}`;
}

function reportPlaylists(facts: Facts, _: App, terminal: Terminal): string[] {
  const sources = rowsIn(facts, 'sources');
  const rows = sources.map((source) => [
    basename(String(source.source)),
    String(source.format),
    source.read as number,
    source.kept as number,
    source.alreadyThere as number,
    sum(factsIn(source, 'skipped') as Record<string, number>),
  ]);
  const skipped = factsIn(facts, 'skipped');
  const notes = addUp(sources.map((source) => factsIn(source, 'trackNotes') as Record<string, number>));
  return [
    ...table([['source', 'format', 'playlists', 'stored', 'already there', 'skipped'], ...rows], terminal.width),
    ...(Object.keys(skipped).length > 0 ? ['', `Skipped playlists by reason: ${reasons(skipped)}.`] : []),
    ...(Object.keys(notes).length > 0 ? [`Songs in them: ${reasons(notes)}.`] : []),
    ...sources.flatMap((source) =>
      ((source.problems as string[]) ?? []).map((problem) => paint(terminal, 'yellow', problem)),
    ),
  ];
}

function gapLines({ after, before }: { after: string; before: string }, timeZone: string): string[] {
  return [
    `Between ${formatTime(new Date(after), timeZone)} and ${formatTime(new Date(before), timeZone)} plays may be missing: Spotify keeps 50.`,
    'The privacy export fills such gaps later.',
  ];
}

function heldOut(facts: Facts): [string, string][] {
  if (typeof facts.ndcg !== 'number') return [];
  const figure = (name: string) => (typeof facts[name] === 'number' ? facts[name].toFixed(4) : '-');
  return [
    ['held out', `${plural(facts.cases as number, 'playlist')}, half of each hidden: NDCG@500 ${figure('ndcg')}`],
    ['', `input x output ${figure('inputXOutput')}, cosine ${figure('meanCosine')}`],
    ['', `R-precision ${figure('rPrecision')}, clicks ${(facts.clicks as number).toFixed(1)}`],
  ];
}

function leftOut(rejected: Facts): string[] {
  return Object.keys(rejected).length === 0 ? [] : [`Left out of nearer songs: ${reasons(rejected)}.`];
}

function tasteLines(taste: Facts): string[] {
  const { playsLeftOut, explicitUnknown } = taste;
  return [
    ...(playsLeftOut ? [`Taste rules left out ${plural(playsLeftOut as number, 'play')} (segue taste).`] : []),
    ...(explicitUnknown
      ? [`Of ${plural(explicitUnknown as number, 'song')} nobody says whether they are explicit.`]
      : []),
  ];
}

function rowsIn(facts: Facts, name: string): Facts[] {
  const value = facts[name];
  return Array.isArray(value) ? (value as Facts[]) : [];
}

function sum(counts: Readonly<Record<string, number>> | readonly number[]): number {
  return Object.values(counts).reduce((total: number, count) => total + (count ?? 0), 0);
}

function addUp(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const part of parts) for (const [name, count] of Object.entries(part)) total[name] = (total[name] ?? 0) + count;
  return total;
}
