import { ExpectedError } from '../base/errors.ts';
import type { Pipeline, PipelineNode } from '../base/task.ts';

/** The status words of a task run (see GLOSSARY). */
export type TaskStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** A node with what became of it in one run. */
export interface NodeState extends PipelineNode {
  readonly status: TaskStatus;
}

/**
 * Checks a pipeline against the tasks there are and returns its nodes so that each comes after those it waits for, keeping
 * the written order where that leaves a choice. Throws `pipeline-invalid` for an unknown or repeated task and for a circle.
 */
export function orderNodes(pipeline: Pipeline, taskNames: Iterable<string>): PipelineNode[] {
  const known = new Set(taskNames);
  const names = new Set<string>();
  for (const { task } of pipeline.nodes) {
    if (!known.has(task)) throw invalid(pipeline, `There is no task "${task}".`);
    if (names.has(task)) throw invalid(pipeline, `The task "${task}" stands in it twice.`);
    names.add(task);
  }
  for (const { task, after } of pipeline.nodes) {
    const missing = after.find((name) => !names.has(name));
    if (missing !== undefined) throw invalid(pipeline, `"${task}" waits for "${missing}", which is not part of it.`);
  }
  const ordered: PipelineNode[] = [];
  const placed = new Set<string>();
  let left = [...pipeline.nodes];
  while (left.length > 0) {
    const next = left.find(({ after }) => after.every((name) => placed.has(name)));
    if (!next) throw invalid(pipeline, `These tasks wait for each other: ${left.map(({ task }) => task).join(', ')}.`);
    ordered.push(next);
    placed.add(next.task);
    left = left.filter((node) => node !== next);
  }
  return ordered;
}

function invalid(pipeline: Pipeline, why: string): ExpectedError {
  return new ExpectedError('pipeline-invalid', `The pipeline "${pipeline.name}" cannot run.`, {
    why,
    hint: 'Correct its list of tasks in src/tasks/index.ts.',
  });
}

/** What comes after `node` may start: done, nothing to do, or allowed to fail. */
function isSatisfied({ status, optional }: NodeState): boolean {
  return status === 'succeeded' || status === 'skipped' || (status === 'failed' && optional === true);
}

/** The queued tasks of a run with nothing left to wait for. */
export function readyTasks(nodes: readonly NodeState[]): string[] {
  const satisfied = new Set(nodes.filter(isSatisfied).map(({ task }) => task));
  return nodes
    .filter(({ status, after }) => status === 'queued' && after.every((name) => satisfied.has(name)))
    .map(({ task }) => task);
}

/** The queued tasks that can never start because something before them failed or was cancelled, however far before. */
export function blockedTasks(nodes: readonly NodeState[]): string[] {
  const dead = new Set(
    nodes
      .filter((node) => (node.status === 'failed' || node.status === 'cancelled') && !isSatisfied(node))
      .map(({ task }) => task),
  );
  const blocked: string[] = [];
  for (let grown = true; grown; ) {
    grown = false;
    for (const { task, status, after } of nodes) {
      if (status !== 'queued' || dead.has(task) || !after.some((name) => dead.has(name))) continue;
      dead.add(task);
      blocked.push(task);
      grown = true;
    }
  }
  return blocked;
}

/** `task` and every task that waits for it, however far after. */
export function taskAndDownstream(nodes: readonly PipelineNode[], task: string): string[] {
  const reached = new Set([task]);
  for (let size = 0; size !== reached.size; ) {
    size = reached.size;
    for (const node of nodes) if (node.after.some((name) => reached.has(name))) reached.add(node.task);
  }
  return nodes.map((node) => node.task).filter((name) => reached.has(name));
}

/** The status of the whole run, or undefined while something is still to do. */
export function finalStatus(nodes: readonly NodeState[]): Exclude<TaskStatus, 'queued' | 'running'> | undefined {
  if (nodes.some(({ status }) => status === 'queued' || status === 'running')) return undefined;
  if (nodes.some((node) => node.status === 'failed' && !isSatisfied(node))) return 'failed';
  if (nodes.some(({ status }) => status === 'cancelled')) return 'cancelled';
  return nodes.every(({ status }) => status === 'skipped') ? 'skipped' : 'succeeded';
}
