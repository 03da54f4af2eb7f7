import type { Json } from '../base/task.ts';
import { formatNumber, plural, wrap } from './format.ts';
import { type Facts, factsIn } from './task-line.ts';
import { songLines } from './taste-change.ts';
import type { Terminal } from './terminal.ts';

type Song = { [name: string]: Json };

/** What `recommend --without` found: which plays, which seeds, which songs go and come. */
export function reportWithout(facts: Facts, terminal: Terminal): string[] {
  const rules = facts.without as { id: string; plays: number; unknown: number; holds: boolean }[];
  const seeds = factsIn(facts, 'seeds');
  const items = factsIn(facts, 'items');
  const from = factsIn(facts, 'from');
  const [go, come] = [facts.go as Song[], facts.come as Song[]];
  return [
    ...rules.flatMap(({ id, plays, unknown, holds }) => {
      const kept = unknown === 0 ? '' : ` Of ${formatNumber(unknown)} nobody knows; they count.`;
      const held = holds ? ' The rule holds; "with" is as if it did not.' : '';
      const words = `${id}: ${plural(plays, 'play')} as if they did not exist, of ${from.after ?? from.before}.`;
      return wrap(`${words}${kept}${held}`, terminal.width);
    }),
    `Seeds: ${formatNumber(seeds.before as number)} with them, ${formatNumber(seeds.after as number)} without.`,
    ...songLines('-', seeds.go as Song[], terminal),
    ...songLines('+', seeds.come as Song[], terminal),
    '',
    ...(go.length + come.length === 0
      ? [`The same ${plural(items.before as number, 'song')}, with these plays and without them.`]
      : [
          `Songs that go: ${formatNumber(go.length)} of ${formatNumber(items.before as number)}.`,
          ...songLines('-', go, terminal),
          `Songs that come: ${formatNumber(come.length)}.`,
          ...songLines('+', come, terminal),
        ]),
    '',
    'Nothing was stored.',
  ];
}
