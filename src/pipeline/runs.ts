import { ExpectedError } from '../base/errors.ts';
import type { PipelineNode } from '../base/task.ts';
import { cancelRunningAttempts, forgetPlannedRetries } from '../store/attempts.ts';
import type { Run, RunInput, TaskRun, Trigger } from '../store/runs.ts';
import {
  findRun,
  insertRun,
  insertTaskRun,
  listTaskRuns,
  lockRun,
  setRunInput,
  setRunStatus,
  setTaskRunStatus,
} from '../store/runs.ts';
import { type Engine, findPipeline, findTask } from './engine.ts';
import { blockedTasks, finalStatus, readyTasks, taskAndDownstream } from './graph.ts';
import type { Transaction } from './task-queue.ts';
import { transact } from './transact.ts';

/** Pipeline of runs made of single tasks, such as another scheduler starts: `segue task run` adds its task to the run of its key. */
export const SINGLE_TASKS = 'single-tasks';

// How long tasks of a run that one process runs to its end are left to it before other workers may take them. Longer than
// its look for due tasks, short enough that a run whose process died does not lie still for long.
const HOLD_S = 30;

export interface RunRequest {
  readonly input?: RunInput | undefined;
  readonly trigger?: Trigger;
  /** Default: pipeline, time and four random hexadecimal digits. */
  readonly runKey?: string | undefined;
  readonly scheduledFor?: Date;
  /** Leave the tasks to a worker of this process at first. */
  readonly own?: boolean;
}

/** Stores a run and queues what may start. A run key that exists brings back that run with `created: false`. */
export async function startRun(
  engine: Engine,
  pipelineName: string,
  request: RunRequest = {},
): Promise<{ run: Run; created: boolean }> {
  const result = await transact(engine, (transaction) => startRunIn(engine, transaction, pipelineName, request));
  engine.queue.wake();
  return result;
}

/** As `startRun`, inside the caller's transaction, who wakes the queue after it. */
export async function startRunIn(
  engine: Engine,
  transaction: Transaction,
  pipelineName: string,
  { input = {}, trigger = 'manual', runKey, scheduledFor, own = false }: RunRequest,
): Promise<{ run: Run; created: boolean }> {
  const pipeline = findPipeline(engine, pipelineName);
  for (const task of Object.keys(input)) {
    if (!pipeline.nodes.some((node) => node.task === task)) throw inputForStranger(pipelineName, task);
  }
  const key = runKey ?? newRunKey(engine, pipelineName);
  const made = { runKey: key, pipeline: pipelineName, trigger, input, nodes: pipeline.nodes, scheduledFor };
  const run = await insertRun(transaction, { ...made, codeVersion: engine.codeVersion });
  if (!run) {
    const known = (await findRun(transaction, { runKey: key }))!;
    if (known.pipeline !== pipelineName) throw otherPipeline(known, pipelineName);
    return { run: known, created: false };
  }
  if (own) engine.ownRuns.add(run.runId);
  const firsts = pipeline.nodes.filter(({ after }) => after.length === 0).map(({ task }) => task);
  await advanceRun(engine, transaction, run, firsts);
  return { run, created: true };
}

/** The run that holds single tasks of this key, with this task in it; made when it is not there. */
export async function addSingleTask(
  engine: Engine,
  taskName: string,
  { runKey, input }: { readonly runKey: string; readonly input: RunInput[string] },
): Promise<Run> {
  findTask(engine, taskName);
  const node: PipelineNode = { task: taskName, after: [] };
  return await transact(engine, async (transaction) => {
    const shape = {
      runKey,
      pipeline: SINGLE_TASKS,
      trigger: 'manual',
      input: { [taskName]: input },
      nodes: [node],
    } as const;
    const made = await insertRun(transaction, { ...shape, codeVersion: engine.codeVersion });
    const run = made ?? (await lockRun(transaction, (await findRun(transaction, { runKey }))!.runId))!;
    if (run.pipeline !== SINGLE_TASKS) throw otherPipeline(run, SINGLE_TASKS);
    const there = !made && (await listTaskRuns(transaction, run.runId)).some(({ task }) => task === taskName);
    if (there) return run;
    engine.ownRuns.add(run.runId);
    if (!made) {
      await setRunInput(transaction, run.runId, { ...run.input, [taskName]: input });
      await insertTaskRun(transaction, run.runId, node);
      await reopenRun(transaction, run);
    }
    // Queued for everybody, so that another process takes over when this one dies before it has begun.
    await advanceRun(engine, transaction, run, [taskName]);
    return run;
  });
}

/**
 * After the tasks named in `changed` got another status: cancels what can never start, queues those of them (not before
 * `notBefore`) and of what follows them directly that may start, and ends the run when nothing is left. Call it in the
 * transaction of the change, under the run's lock.
 */
export async function advanceRun(
  engine: Engine,
  transaction: Transaction,
  run: Run,
  changed: readonly string[],
  notBefore?: Date,
): Promise<void> {
  const nodes = await listTaskRuns(transaction, run.runId);
  const blocked = new Set(blockedTasks(nodes));
  await setTaskRunStatus(transaction, idsOf(nodes, [...blocked]), 'cancelled');
  const left: TaskRun[] = nodes.map((node) => (blocked.has(node.task) ? { ...node, status: 'cancelled' } : node));
  const status = finalStatus(left);
  if (status) {
    await setRunStatus(transaction, run.runId, run.status === 'cancelled' ? 'cancelled' : status);
    return;
  }
  const ready = new Set(readyTasks(left));
  const held = engine.ownRuns.has(run.runId) ? HOLD_S : undefined;
  for (const node of left) {
    if (!ready.has(node.task)) continue;
    const itself = changed.includes(node.task);
    if (!itself && !node.after.some((task) => changed.includes(task))) continue;
    await engine.queue.send(transaction, node.taskRunId, (itself ? notBefore : undefined) ?? held);
  }
}

/** Stops a run: what waits is cancelled, what runs is told to stop. False when it had ended already. */
export async function cancelRun(engine: Engine, runId: number): Promise<boolean> {
  const cancelled = await transact(engine, async (transaction) => {
    const run = await needRun(transaction, runId);
    if (run.status !== 'queued' && run.status !== 'running') return false;
    const nodes = await listTaskRuns(transaction, runId);
    const waiting = nodes.filter(({ status }) => status === 'queued').map(({ taskRunId }) => taskRunId);
    await setTaskRunStatus(transaction, waiting, 'cancelled');
    const running = nodes.some(({ status }) => status === 'running');
    await setRunStatus(transaction, runId, 'cancelled', running);
    return true;
  });
  engine.queue.wake();
  return cancelled;
}

/** Runs again what failed or was cancelled in a run, and what waits for it; attempts so far stay. Returns the tasks. */
export async function retryRun(engine: Engine, runId: number): Promise<string[]> {
  return await reset(engine, runId, (nodes) => {
    const again = nodes.filter(({ status }) => status === 'failed' || status === 'cancelled').map(({ task }) => task);
    if (again.length > 0) return again;
    throw new ExpectedError('nothing-to-retry', 'There is nothing to run again.', {
      why: `No task of run ${runId} failed or was cancelled.`,
      hint: 'To do a task again that succeeded, clear it.',
    });
  });
}

/** Runs a task again with everything after it, whatever became of them; attempts so far stay. Returns the tasks. */
export async function clearTask(engine: Engine, runId: number, task: string): Promise<string[]> {
  return await reset(engine, runId, (nodes) => {
    if (nodes.some((node) => node.task === task)) return taskAndDownstream(nodes, task);
    throw new ExpectedError('task-unknown', `Run ${runId} has no task "${task}".`, {
      why: `Its tasks are ${nodes.map((node) => node.task).join(', ')}.`,
      hint: 'Check the spelling.',
    });
  });
}

async function reset(engine: Engine, runId: number, choose: (nodes: TaskRun[]) => string[]): Promise<string[]> {
  const again = await transact(engine, async (transaction) => {
    const run = await needRun(transaction, runId);
    const nodes = await listTaskRuns(transaction, runId);
    const chosen = choose(nodes);
    const ids = idsOf(nodes, chosen);
    await cancelRunningAttempts(transaction, ids);
    await forgetPlannedRetries(transaction, ids);
    await setTaskRunStatus(transaction, ids, 'queued');
    await advanceRun(engine, transaction, await reopenRun(transaction, run), chosen);
    return chosen;
  });
  engine.queue.wake();
  return again;
}

async function reopenRun(transaction: Transaction, run: Run): Promise<Run> {
  const status = run.startedAt ? 'running' : 'queued';
  await setRunStatus(transaction, run.runId, status);
  return { ...run, status };
}

async function needRun(transaction: Transaction, runId: number): Promise<Run> {
  const run = await lockRun(transaction, runId);
  if (run) return run;
  throw new ExpectedError('run-unknown', `There is no run ${runId}.`, {
    why: 'No run has this number.',
    hint: 'List the runs with "segue runs".',
  });
}

function idsOf(nodes: readonly TaskRun[], tasks: readonly string[]): number[] {
  return nodes.filter(({ task }) => tasks.includes(task)).map(({ taskRunId }) => taskRunId);
}

function newRunKey(engine: Engine, pipeline: string): string {
  const suffix = Math.floor(engine.random() * 0x1_0000)
    .toString(16)
    .padStart(4, '0');
  return `${pipeline}:${engine.clock.now().toISOString()}:${suffix}`;
}

function inputForStranger(pipeline: string, task: string): ExpectedError {
  return new ExpectedError('input-unknown', `The input names a task "${task}".`, {
    why: `The pipeline "${pipeline}" has no such task.`,
    hint: 'Give the input by task: {"task-name": {…}}.',
  });
}

function otherPipeline(run: Run, wanted: string): ExpectedError {
  return new ExpectedError('run-key-taken', `The run key "${run.runKey}" belongs to something else.`, {
    why: `It is a run of "${run.pipeline}"; asked for was "${wanted}".`,
    hint: 'Choose another run key.',
  });
}
