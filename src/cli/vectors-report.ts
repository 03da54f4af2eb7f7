import { formatNumber, plural, table } from './format.ts';
import { type Facts, factsIn } from './task-line.ts';
import type { Terminal } from './terminal.ts';

const WORDS: Record<string, string> = {
  'artist-and-title-not-known': 'no track of this artist and title is known here',
  'neither-id-nor-artist-and-title': 'neither an id nor artist and title',
  'not-a-track': 'of something else than a track',
  'same-track-again': 'another token is the same track',
  'no-output-vector': 'not among the output vectors',
  'same-token-again': 'the same token again',
  'not-finite': 'NaN or infinity among the numbers',
  'empty-token': 'no token',
};

/** What of an imported vector file became a model, and what did not, by reason, with examples. */
export function reportImportedVectors(facts: Facts, terminal: Terminal): string[] {
  const n = (name: string) => (typeof facts[name] === 'number' ? facts[name] : 0);
  const examples = factsIn(facts, 'examples');
  const left = Object.entries(factsIn(facts, 'skipped')).map(([reason, count]) => [
    count as number,
    WORDS[reason] ?? reason,
    Array.isArray(examples[reason]) ? (examples[reason] as string[]).join(' | ') : '',
  ]);
  return [
    ...table(
      [
        ['found', `${formatNumber(n('kept'))} of ${plural(n('read'), 'vector')} of ${facts.dimensions} dimensions`],
        [
          'by id',
          `${formatNumber(n('foundById'))}${n('withoutTitle') > 0 ? `, ${formatNumber(n('withoutTitle'))} of them without a known title` : ''}`,
        ],
        ['by artist and title', formatNumber(n('foundByName'))],
        ['output vectors', String(facts.output)],
        ...(n('withoutCount') > 0 ? [['counts', `${plural(n('withoutCount'), 'token')} not among them`]] : []),
        ['model', `${facts.model} (${facts.name}), in use from now on`],
      ],
      terminal.width,
    ),
    ...(left.length === 0 ? [] : ['', 'Left out:', ...table(left, terminal.width)]),
  ];
}
