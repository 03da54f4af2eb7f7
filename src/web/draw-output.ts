import type { RunView } from '../api/contract.ts';
import { element } from './element.ts';
import { number } from './format.ts';

/** What the task returned: counts, ids, sentences; lists are left to the JSON. */
export function drawOutput(output: RunView['tasks'][number]['output']): HTMLElement[] {
  if (output === null || typeof output !== 'object' || Array.isArray(output)) return [];
  if (typeof output.skipped === 'string') return [element('p', { class: 'small quiet' }, output.skipped)];
  const pairs = Object.entries(output).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'number') return [[words(name), number(value)]];
    if (typeof value === 'boolean') return [[words(name), value ? 'yes' : 'no']];
    if (typeof value === 'string') return [[words(name), value]];
    if (value === null || Array.isArray(value)) return [];
    const parts = Object.entries(value).filter(([, part]) => typeof part === 'number');
    return parts.length === 0
      ? []
      : [[words(name), parts.map(([part, count]) => `${number(count as number)} ${words(part)}`).join(', ')]];
  });
  if (pairs.length === 0) return [];
  return [
    element(
      'dl',
      { class: 'facts small' },
      ...pairs.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
  ];
}

/** alreadyThere -> already there */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('-', ' ');
}
