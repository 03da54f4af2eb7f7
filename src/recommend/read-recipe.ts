import { z } from 'zod';
import { asError, ExpectedError } from '../base/errors.ts';
import { issueWords, placeOf } from './issue-words.ts';
import { type Recipe, recipeSchema } from './recipe.ts';

/** What a parameter may be given: numbers as such or as text, where its default is a number. */
export type ParameterValues = { readonly [parameter: string]: string | number };

/** A recipe file that can be used, its parameters still open. */
export interface RecipeFile {
  readonly name: string;
  readonly summary: string;
  readonly parameters: Recipe['parameters'];
  /** The file's JSON. */
  readonly raw: unknown;
}

/**
 * Reads the text of a recipe file; `place` names it in errors. Parameters without a default may be anything yet. Throws
 * ExpectedError `bad-recipe` that names the field that is wrong.
 */
export function readRecipe(text: string, place: string): RecipeFile {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw badRecipe(place, `It is not JSON: ${asError(error).message}.`);
  }
  const { parameters } = parse(open.safeParse(raw, { reportInput: true }), place);
  const { name, summary } = check(raw, usualValues(parameters), place);
  return { name, summary, parameters, raw };
}

/**
 * The recipe with its parameters filled in: by what is given, else by their defaults. Throws ExpectedError `bad-input` for a value
 * that is missing, unknown or of another kind, and `bad-recipe` where the recipe cannot be used with it.
 */
export function fillRecipe(file: RecipeFile, given: ParameterValues = {}): Recipe {
  const names = Object.keys(file.parameters);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw badValue(file, `It takes ${listed(names)}, and no ${name}.`);
  }
  const values: Record<string, string | number> = {};
  for (const [name, { says, default: usual }] of Object.entries(file.parameters)) {
    const value = given[name] ?? usual;
    if (value === undefined || value === '') throw badValue(file, `It needs ${name}: ${says}`);
    const number = Number(value);
    if (typeof usual === 'number' && (String(value).trim() === '' || !Number.isFinite(number)))
      throw badValue(file, `${name} must be a number, not "${value}".`);
    values[name] = typeof usual === 'number' ? number : String(value);
  }
  return check(file.raw, values, file.name);
}

/** The defaults of parameters; one without is its own name in braces. */
export function usualValues(parameters: Recipe['parameters']): ParameterValues {
  const values = Object.entries(parameters).map(([name, { default: value }]) => [name, value ?? `{${name}}`]);
  return Object.fromEntries(values);
}

/** Only the parameters: without them nothing else can be looked at. */
const open = z.looseObject({ parameters: recipeSchema.in.shape.parameters });

function check(raw: unknown, values: ParameterValues, place: string): Recipe {
  return parse(recipeSchema.safeParse(substitute(raw, values, place, []), { reportInput: true }), place);
}

function parse<Output>(parsed: z.ZodSafeParseResult<Output>, place: string): Output {
  if (parsed.success) return parsed.data;
  const [first, ...others] = parsed.error.issues;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw badRecipe(place, `${issueWords(first!)}${more}.`);
}

/** "{year}" alone becomes the value itself, in a longer text its text. {date} stays for the day of the edition. */
function substitute(raw: unknown, values: ParameterValues, place: string, path: readonly PropertyKey[]): unknown {
  if (Array.isArray(raw)) return raw.map((each, at) => substitute(each, values, place, [...path, at]));
  if (raw !== null && typeof raw === 'object') {
    const fields = Object.entries(raw).map(([key, value]) => [
      key,
      path.length === 0 && key === 'parameters' ? value : substitute(value, values, place, [...path, key]),
    ]);
    return Object.fromEntries(fields);
  }
  if (typeof raw !== 'string') return raw;
  const alone = /^\{(\w+)\}$/.exec(raw)?.[1];
  if (alone !== undefined && Object.hasOwn(values, alone)) return values[alone];
  return raw.replace(/\{(\w+)\}/g, (braced, name: string) => {
    if (name === 'date') return braced;
    if (!Object.hasOwn(values, name))
      throw badRecipe(place, `${placeOf(path)} speaks of ${braced}, and there is no parameter ${name}.`);
    return String(values[name]);
  });
}

function badRecipe(place: string, why: string): ExpectedError {
  return new ExpectedError('bad-recipe', `The recipe ${place} cannot be used.`, {
    why,
    hint: 'Correct it and try segue recipes check <file>; docs/recipes.md lists every field.',
  });
}

function badValue({ name }: RecipeFile, why: string): ExpectedError {
  return new ExpectedError('bad-input', `The recipe ${name} cannot be used like this.`, {
    why,
    hint: `Give values with --set parameter=value; segue recipes show ${name} lists them.`,
  });
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no parameters' : names.join(', ');
}
