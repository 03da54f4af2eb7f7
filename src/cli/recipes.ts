import { join, resolve } from 'node:path';
import { Argument } from 'commander';
import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import { projectRoot } from '../config.ts';
import { fillRecipe, type ParameterValues, usualValues } from '../recommend/read-recipe.ts';
import { recipeWords } from '../recommend/recipe-words.ts';
import { type FoundRecipe, findRecipe, listRecipes, readRecipeFile } from '../tasks/recipe-files.ts';
import type { CliCommand, CommandContext, CommandResult } from './command.ts';
import { paint, plural, table, wrap } from './format.ts';
import { collectValue } from './option-values.ts';

export const recipes: CliCommand = {
  name: 'recipes',
  summary: 'List the recipes of playlists, show what one does, or check a file of your own.',
  runs: 'own',
  examples: ['recipes', 'recipes show weekly', 'recipes show loved-in-year --set year=2021', 'recipes check mine.json'],
  define: (command) =>
    command
      .addArgument(
        new Argument('[action]', 'show: what one does; check: whether a file can be used').choices(['show', 'check']),
      )
      .argument('[recipe]', 'with show: its name; with check: its file')
      .option('--set <parameter=value>', 'with show: a value for a parameter; may come again', collectValue),
  async run({ args, options }, context) {
    const [action, wanted] = args as [('show' | 'check')?, string?];
    if (action === undefined) return await list(context);
    if (wanted === undefined)
      throw new ExpectedError('used-wrongly', 'segue recipes cannot be used like this.', {
        why: action === 'show' ? 'It is missing which recipe to show.' : 'It is missing which file to check.',
        hint: 'segue recipes --help shows how it is used.',
      });
    if (action === 'check') return await check(resolve(context.terminal.folder, wanted), context);
    const found = await findRecipe(folders(context), wanted);
    return show(found, (options.set as ParameterValues | undefined) ?? {}, context);
  },
};

async function list(context: CommandContext): Promise<CommandResult> {
  const { terminal } = context;
  const known = await listRecipes(folders(context));
  const rows = known.recipes.map(({ file, from }) => [file.name, from === 'own' ? 'yours' : 'bundled', file.summary]);
  return {
    json: {
      recipes: known.recipes.map(({ file, from, path }) => ({ name: file.name, summary: file.summary, from, path })),
      broken: known.broken.map(({ path, error }) => ({
        path,
        message: error.message,
        why: error.why,
        hint: error.hint,
      })),
    },
    lines: [
      ...table(rows, terminal.width),
      '',
      `Yours are read from ${folders(context).own}; docs/recipes.md shows how to write one.`,
      ...known.broken.flatMap(({ error }) => ['', paint(terminal, 'red', error.message), error.why, error.hint]),
    ],
    next: 'segue recipes show weekly',
  };
}

function show({ file, from, path }: FoundRecipe, given: ParameterValues, { terminal }: CommandContext): CommandResult {
  const recipe = fillRecipe(file, { ...usualValues(file.parameters), ...given });
  const parameters = Object.entries(file.parameters).map(([name, { says, default: usual }]) => {
    const value = usual === undefined ? 'must be given' : `${usual} unless given`;
    return `${name}: ${says} (${value})`;
  });
  return {
    json: { from, path, recipe: recipe as unknown as Json },
    lines: [
      `${paint(terminal, 'bold', recipe.name)}: ${recipe.summary}`,
      ...recipeWords(recipe).flatMap((line) => wrap(line, terminal.width)),
      `Its editions are called “${recipe.title}”.`,
      ...(parameters.length > 0 ? ['', `${plural(parameters.length, 'parameter')}:`, ...parameters] : []),
      '',
      from === 'own' ? `Yours: ${path}` : `Bundled: ${path}; a file of yours with the same name goes over it.`,
    ],
  };
}

async function check(path: string, context: CommandContext): Promise<CommandResult> {
  const { terminal } = context;
  const file = await readRecipeFile(path);
  const recipe = fillRecipe(file, usualValues(file.parameters));
  const target = join(folders(context).own, `${file.name}.json`);
  return {
    json: { usable: true, path, recipe: recipe as unknown as Json },
    lines: [
      `${paint(terminal, 'bold', recipe.name)} can be used: ${recipe.summary}`,
      ...recipeWords(recipe).flatMap((line) => wrap(line, terminal.width)),
    ],
    next: path === target ? `segue recipes show ${file.name}` : `copy it to ${target}`,
  };
}

function folders({ config }: CommandContext) {
  return { bundled: join(projectRoot, 'data', 'recipes'), own: join(config.dataDir, 'recipes') };
}
