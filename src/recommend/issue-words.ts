import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

/** A field as people write it: "seeds[0].period". */
export function placeOf(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (/^\d+$/.test(String(key)) ? `[${String(key)}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'it';
}

/**
 * What zod found, in words that start with the field: `filters.heard must be "never", "before" or "any", not "nevr"`. Of schemas
 * read with `reportInput`.
 */
export function issueWords(issue: z.core.$ZodIssue): string {
  const place = placeOf(issue.path);
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      if (input === undefined) return `${place} is missing`;
      return `${place} must be ${KINDS[issue.expected] ?? issue.expected}, not ${shown(input)}`;
    case 'unrecognized_keys':
      return `${place} has a field ${issue.keys.join(', ')} that no recipe knows`;
    case 'invalid_value':
      return `${place} must be ${choice(issue.values.map(String))}, not ${shown(input)}`;
    case 'invalid_union': {
      const { options } = issue as { options?: readonly unknown[] };
      if (options === undefined) return `${place} must not be ${shown(input)}`;
      return `${place} must be ${choice(options.map(String))}`;
    }
    case 'too_small':
      return `${place} must be ${limit(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `${place} must be ${limit(issue.origin, 'at most', issue.maximum)}`;
    case 'invalid_format':
      if (issue.format === 'date') return `${place} must be a day such as 2019-07-31, not ${shown(input)}`;
      return `${place} ${issue.message}`;
    case 'invalid_key':
      return `${place} ${issue.issues[0]?.message ?? 'cannot be called like this'}`;
    default:
      return `${place} ${issue.message}`;
  }
}

function limit(origin: string, words: string, value: number | bigint): string {
  if (origin === 'string') return `${words} ${value} character${value === 1 ? '' : 's'} long`;
  return `${words} ${value}`;
}

function choice(options: readonly string[]): string {
  const quoted = options.map((option) => `"${option}"`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

function shown(input: unknown): string {
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
