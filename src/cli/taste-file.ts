import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { ExpectedError, isExpected, systemCode } from '../base/errors.ts';
import { writeWholeFiles } from '../base/whole-files.ts';
import { readTasteFile, refuseTwice, refuseWrong, writeTasteFile } from '../recommend/taste-file.ts';
import { ruleId, type TasteRule } from '../recommend/taste-rules.ts';
import type { Store } from '../store/connect.ts';
import { readOwnRules } from '../tasks/recommend-rules.ts';
import { resolveLookup } from '../tasks/resolve-rule.ts';
import type { CliCommand } from './command.ts';
import { plural } from './format.ts';
import { quoted } from './taste-add.ts';
import { changeTaste } from './taste-change.ts';

export const tasteExport: CliCommand = {
  name: 'taste export',
  summary: 'Write the taste rules to a file.',
  runs: 'app',
  examples: ['taste export taste.json', 'taste export taste.json --replace'],
  define: (command) =>
    command
      .argument('<file>', 'the file; docs/taste-rules.md describes it')
      .option('--replace', 'even where a file has this name'),
  async run({ args, options }, { app, terminal }) {
    const { store, listener } = await app();
    const path = resolve(terminal.folder, args[0] as string);
    const rules = await readOwnRules(store.db, listener.id);
    const file = { name: basename(path), parts: [Buffer.from(writeTasteFile(rules))] };
    const replace = options.replace === true;
    const bytes = await writeWholeFiles(dirname(path), [file], { signal: terminal.signal, replace });
    return {
      json: { path, rules: rules.map(ruleId), bytes },
      lines: [`${plural(rules.length, 'rule')} written to ${path}.`],
      next: `segue taste import ${quoted(args[0] as string)} after a change by hand`,
    };
  },
};

export const tasteImport: CliCommand = {
  name: 'taste import',
  summary: 'Make the taste rules those of a file, as one change; --preview shows what that would change.',
  runs: 'app',
  examples: ['taste import taste.json --preview', 'taste import taste.json'],
  define: (command) =>
    command
      .argument('<file>', 'the file; docs/taste-rules.md describes it')
      .option('--preview', 'show what it would change, and change nothing'),
  async run({ args, options }, context) {
    const { store, listener } = await context.app();
    const path = resolve(context.terminal.folder, args[0] as string);
    const after = await readRules(store, listener.id, path);
    const before = await readOwnRules(store.db, listener.id);
    const summary = `imported ${basename(path)}: ${plural(after.length, 'rule')}`;
    const again = `segue taste import ${quoted(args[0] as string)}`;
    return await changeTaste({ before, after, summary, preview: options.preview === true, again }, context);
  },
};

/** All rules of a file, or a failure that names each line that is wrong. */
async function readRules({ db }: Store, listenerId: number, path: string): Promise<TasteRule[]> {
  const rules = readTasteFile(await readText(path), path);
  const read: { line: number; rule?: TasteRule; wrong?: string }[] = [];
  for (const { line, rule } of rules) {
    try {
      const text = 'lookup' in rule ? `${rule.lookup}:${rule.of}` : ruleId(rule);
      read.push({ line, rule: await resolveLookup(db, listenerId, rule, text) });
    } catch (error) {
      if (!isExpected(error)) throw error;
      read.push({ line, wrong: `${error.message} ${error.why}` });
    }
  }
  refuseWrong(read, path);
  const found = read.flatMap(({ line, rule }) => (rule === undefined ? [] : [{ line, rule }]));
  // Two texts may turn out to name one playlist.
  refuseTwice(found, path);
  return found.map(({ rule }) => rule);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new ExpectedError('file-not-readable', `Cannot read ${path}`, {
      why: code === 'ENOENT' ? 'There is no such file.' : `The system answered ${code}.`,
      hint: 'segue taste export <file> writes one.',
      cause: error,
    });
  }
}
