import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PipelineNode } from '../../src/base/task.ts';
import {
  blockedTasks,
  finalStatus,
  type NodeState,
  orderNodes,
  readyTasks,
  type TaskStatus,
  taskAndDownstream,
} from '../../src/pipeline/graph.ts';
import { makePipeline } from './engine-fixture.ts';

const letters = ['a', 'b', 'c', 'd', 'e', 'f'];

/** A node waits only for nodes before it, then the list is shuffled. */
const graphs = fc
  .tuple(...letters.map((_, index) => fc.subarray(letters.slice(0, index))))
  .map((afters) => letters.map((task, index): PipelineNode => ({ task, after: afters[index]! })))
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

const statuses: TaskStatus[] = ['queued', 'running', 'succeeded', 'failed', 'skipped', 'cancelled'];

function states(nodes: { [task: string]: string[] }, found: { [task: string]: TaskStatus }): NodeState[] {
  return makePipeline(nodes).nodes.map((node) => ({ ...node, status: found[node.task] ?? 'queued' }));
}

describe('orderNodes', () => {
  test('puts every task after those it waits for, and loses none', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const ordered = orderNodes({ name: 'p', summary: '', nodes }, letters).map(({ task }) => task);
        expect([...ordered].sort()).toEqual(letters);
        for (const { task, after } of nodes) {
          for (const before of after) expect(ordered.indexOf(before)).toBeLessThan(ordered.indexOf(task));
        }
      }),
    );
  });

  test('keeps the written order where it may', () => {
    const pipeline = makePipeline({ c: [], a: [], b: ['c'] });
    expect(orderNodes(pipeline, letters).map(({ task }) => task)).toEqual(['c', 'a', 'b']);
  });

  test.each([
    ['a task that does not exist', makePipeline({ a: [], z: [] }), 'There is no task "z".'],
    ['a task outside', makePipeline({ a: ['b'] }), '"a" waits for "b", which is not part of it.'],
    [
      'a circle',
      makePipeline({ a: [], b: ['a', 'd'], c: ['b'], d: ['c'] }),
      'These tasks wait for each other: b, c, d.',
    ],
    [
      'a task twice',
      makePipeline(
        {},
        {
          nodes: [
            { task: 'a', after: [] },
            { task: 'a', after: [] },
          ],
        },
      ),
      'The task "a" stands in it twice.',
    ],
  ])('refuses %s', (_, pipeline, why) => {
    expect(() => orderNodes(pipeline, letters)).toThrow(expect.objectContaining({ code: 'pipeline-invalid', why }));
  });
});

describe('what may start', () => {
  test('a task whose forerunners are done, had nothing to do, or may fail', () => {
    const nodes = { 'a?': [], b: [], c: [], d: ['a', 'b', 'c'], e: ['d'] };
    expect(readyTasks(states(nodes, { a: 'failed', b: 'skipped', c: 'succeeded' }))).toEqual(['d']);
    expect(readyTasks(states(nodes, { a: 'failed', b: 'skipped', c: 'running' }))).toEqual([]);
    expect(readyTasks(states(nodes, { a: 'failed', b: 'failed', c: 'succeeded' }))).toEqual([]);
  });

  test('what waits for a failure, however far, is blocked', () => {
    const nodes = { a: [], b: ['a'], c: ['b'], d: [], e: ['d'] };
    expect(blockedTasks(states(nodes, { a: 'failed', d: 'running' }))).toEqual(['b', 'c']);
    expect(finalStatus(states(nodes, { a: 'failed', b: 'cancelled', c: 'cancelled' }))).toBeUndefined();
  });

  test('whatever happened, a run either goes on or has ended: it never stands still', () => {
    fc.assert(
      fc.property(
        graphs,
        fc.array(fc.constantFrom(...statuses), { minLength: 6, maxLength: 6 }),
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        (nodes, found, optional) => {
          const before = nodes.map((node, index) => ({ ...node, status: found[index]!, optional: optional[index]! }));
          const blocked = new Set(blockedTasks(before));
          const after = before.map((node) =>
            blocked.has(node.task) ? { ...node, status: 'cancelled' as const } : node,
          );
          const running = after.some(({ status }) => status === 'running');
          // A queued task below one that is not done yet cannot come from the engine unless that one moves.
          const moves = running || readyTasks(after).length > 0;
          expect(moves).toBe(finalStatus(after) === undefined);
        },
      ),
    );
  });
});

describe('finalStatus', () => {
  test.each([
    ['succeeded', { a: 'succeeded', b: 'skipped', c: 'succeeded' }],
    ['succeeded', { a: 'failed', b: 'succeeded', c: 'succeeded' }],
    ['skipped', { a: 'skipped', b: 'skipped', c: 'skipped' }],
    ['failed', { a: 'succeeded', b: 'failed', c: 'cancelled' }],
    ['cancelled', { a: 'succeeded', b: 'cancelled', c: 'cancelled' }],
    [undefined, { a: 'failed', b: 'failed', c: 'running' }],
  ] as const)('%s', (status, found) => {
    expect(finalStatus(states({ 'a?': [], b: [], c: ['a', 'b'] }, found))).toBe(status);
  });
});

test('taskAndDownstream follows the arrows only forwards', () => {
  const { nodes } = makePipeline({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'], e: [] });
  expect(taskAndDownstream(nodes, 'b')).toEqual(['b', 'd']);
  expect(taskAndDownstream(nodes, 'a')).toEqual(['a', 'b', 'c', 'd']);
  expect(taskAndDownstream(nodes, 'e')).toEqual(['e']);
});
