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
import { pause, resume } from './pause.ts';
import { query } from './query.ts';
import { rebuild } from './rebuild.ts';
import { retry } from './retry.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';
import { serve } from './serve.ts';
import { similar } from './similar.ts';
import { simulator } from './simulator.ts';
import { status } from './status.ts';
import { taskCommands } from './task-commands.ts';
import { taskRun } from './task-run.ts';
import { vectorsExport } from './vectors-export.ts';
import { vectorsImport } from './vectors-import.ts';
import { vectorsInfo } from './vectors-info.ts';

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
    vectorsInfo,
    vectorsImport,
    vectorsExport,
    similar,
    features,
  ],
  'Get a playlist:': [task('recommend'), editions, task('publish'), evaluate],
  'Run pipelines:': [run, runs, logs, retry, cancel, pause, resume, taskRun],
  'Look after the data:': [query, rebuild],
  'Write a client of your own:': [simulator],
};

/** Every word of the command line, in the order in which --help lists them. */
export const commands: readonly CliCommand[] = Object.entries(GROUPS).flatMap(([group, members]) =>
  members.map((command) => ({ ...command, group })),
);
