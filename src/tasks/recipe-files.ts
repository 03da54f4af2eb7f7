import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ExpectedError, isExpected, systemCode } from '../base/errors.ts';
import { decodeText, readUtf8 } from '../base/text-encoding.ts';
import { type RecipeFile, readRecipe } from '../recommend/read-recipe.ts';

export interface RecipeFolders {
  /** The recipes that come with Segue. */
  readonly bundled: string;
  /** The owner's, which go over bundled ones of the same name: `recipes` in the data folder. May be missing. */
  readonly own: string;
}

export interface FoundRecipe {
  readonly file: RecipeFile;
  readonly from: 'bundled' | 'own';
  readonly path: string;
}

export interface KnownRecipes {
  /** By name. */
  readonly recipes: readonly FoundRecipe[];
  /** Files that cannot be used, and why. */
  readonly broken: readonly { readonly path: string; readonly error: ExpectedError }[];
}

/** A recipe is a kilobyte; whoever names a dump by mistake need not wait. */
const MOST_BYTES = 1_000_000;

export async function listRecipes(folders: RecipeFolders): Promise<KnownRecipes> {
  const recipes = new Map<string, FoundRecipe>();
  const broken: { path: string; error: ExpectedError }[] = [];
  for (const from of ['bundled', 'own'] as const) {
    for (const path of await recipePaths(folders[from])) {
      try {
        const file = await readRecipeFile(path);
        const before = recipes.get(file.name);
        if (before?.from === from) throw nameTaken(path, file.name, before.path);
        recipes.set(file.name, { file, from, path });
      } catch (error) {
        if (!isExpected(error)) throw error;
        broken.push({ path, error });
      }
    }
  }
  return { recipes: [...recipes.values()].sort((a, b) => (a.file.name < b.file.name ? -1 : 1)), broken };
}

/**
 * The recipe of that name, one's own before a bundled one. Throws ExpectedError `not-found`, and `bad-recipe` where one's own file
 * of that name cannot be used: the bundled one is not what was meant.
 */
export async function findRecipe(folders: RecipeFolders, name: string): Promise<FoundRecipe> {
  const { recipes, broken } = await listRecipes(folders);
  const found = recipes.find(({ file }) => file.name === name);
  const damaged = broken.find(({ path }) => basename(path) === `${name}.json`);
  if (damaged !== undefined && found?.from !== 'own') throw damaged.error;
  if (found !== undefined) return found;
  throw new ExpectedError('not-found', `There is no recipe called ${name}.`, {
    why: `Those that are: ${recipes.map(({ file }) => file.name).join(', ')}.`,
    hint: `Name one of them, or write ${join(folders.own, `${name}.json`)}; docs/recipes.md shows how.`,
  });
}

/** Throws ExpectedError `not-found` and `bad-recipe`. */
export async function readRecipeFile(path: string): Promise<RecipeFile> {
  const info = await stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (info === undefined || !info.isFile())
    throw new ExpectedError('not-found', `The recipe ${path} cannot be read.`, {
      why: info === undefined ? 'There is no such file.' : 'It is not a file.',
      hint: 'Name a JSON file; segue recipes lists the recipes that are there.',
    });
  if (info.size > MOST_BYTES)
    throw new ExpectedError('bad-recipe', `The recipe ${path} cannot be used.`, {
      why: `It has ${info.size} bytes; a recipe has at most ${MOST_BYTES}.`,
      hint: 'Name a recipe file; docs/recipes.md shows what one looks like.',
    });
  const chunks: Buffer[] = [];
  for await (const chunk of readUtf8(createReadStream(path))) chunks.push(chunk);
  return readRecipe(decodeText(Buffer.concat(chunks)), path);
}

async function recipePaths(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter((each) => each.endsWith('.json') && !each.startsWith('.'))
    .sort()
    .map((each) => join(folder, each));
}

function nameTaken(path: string, name: string, other: string): ExpectedError {
  return new ExpectedError('bad-recipe', `The recipe ${path} cannot be used.`, {
    why: `${other} is called ${name} as well.`,
    hint: 'Give one of the two another name.',
  });
}
