import { cancel } from './cancel.ts';
import type { CliCommand } from './command.ts';
import { connect } from './connect.ts';
import { corpus } from './corpus.ts';
import { demo } from './demo.ts';
import { disconnect } from './disconnect.ts';
import { editions } from './editions.ts';
import { evaluate } from './evaluate.ts';
import { features } from './features.ts';
import { logs } from './logs.ts';
import { models } from './models.ts';
import { outcomes } from './outcomes.ts';
import { pause, resume } from './pause.ts';
import { query } from './query.ts';
import { rebuild } from './rebuild.ts';
import { recipes } from './recipes.ts';
import { retry } from './retry.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { serve } from './serve.ts';
import { similar } from './similar.ts';
import { simulator } from './simulator.ts';
import { status } from './status.ts';
import { taskCommands } from './task-commands.ts';
import { taskRun } from './task-run.ts';
import { taste } from './taste.ts';
import { tasteAdd } from './taste-add.ts';
import { tasteExport, tasteImport } from './taste-file.ts';
import { tasteRemove } from './taste-remove.ts';
import { tasteUndo } from './taste-undo.ts';
import { vectorsExport } from './vectors-export.ts';
import { vectorsImport } from './vectors-import.ts';
import { vectorsInfo } from './vectors-info.ts';
import { why } from './why.ts';
import { whyNot } from './why-not.ts';

const task = (name: string): CliCommand => taskCommands.find((command) => command.name === name)!;

const GROUPS: Record<string, readonly CliCommand[]> = {
  'See where you stand:': [status, demo, serve],
  'Connect:': [connect, disconnect],
  'Collect:': [
    task('sync-plays'),
    task('sync-library'),
    task('import-history'),
    task('import-playlists'),
    task('import-features'),
    task('enrich-features'),
  ],
  'Learn:': [
    task('build-corpus'),
    corpus,
    task('tune'),
    task('train-vectors'),
    task('fit-recommenders'),
    models,
    vectorsInfo,
    vectorsImport,
    vectorsExport,
    similar,
    features,
  ],
  'Get a playlist:': [
    task('recommend'),
    editions,
    why,
    whyNot,
    task('publish'),
    task('measure-outcomes'),
    outcomes,
    recipes,
    evaluate,
  ],
  'Say what counts:': [taste, tasteAdd, tasteRemove, tasteUndo, tasteExport, tasteImport],
  'Run pipelines:': [run, runs, logs, retry, cancel, pause, resume, taskRun],
  'Look after the data:': [query, rebuild],
  'Write a client of your own:': [simulator],
};

/** Every word of the command line, in the order in which --help lists them. */
export const commands: readonly CliCommand[] = Object.entries(GROUPS).flatMap(([group, members]) =>
  members.map((command) => ({ ...command, group })),
);
