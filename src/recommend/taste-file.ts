// taste.json: {"segue": "taste rules", "version": 1, "rules": [ … ]}, one rule a line, each an object as the database keeps
// it or a text as it is typed. docs/taste-rules.md tells people.
import { ExpectedError, isExpected } from '../base/errors.ts';
import { ruleId, subjectOf, type TasteRule } from './taste-rules.ts';
import { badRule, checkRule, parseRule, type RuleLookup } from './taste-text.ts';

const MARK = 'taste rules';
const VERSION = 1;

/** A rule of a file with the line on which it begins, from 1. */
export interface FileRule {
  readonly line: number;
  readonly rule: TasteRule | RuleLookup;
}

/** The text of a file with these rules. */
export function writeTasteFile(rules: readonly TasteRule[]): string {
  const lines = rules.map((rule) => `    ${JSON.stringify(rule)}`);
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  return `{\n  "segue": ${JSON.stringify(MARK)},\n  "version": ${VERSION},\n  "rules": ${list}\n}\n`;
}

/**
 * The rules of a file, all or none. Throws ExpectedError `bad-taste-file` that names every line that is wrong: no rule, or
 * one on the subject of an earlier line.
 */
export function readTasteFile(text: string, file: string): FileRule[] {
  const content = parseJson(text.replace(/^\ufeff/, ''), file);
  const { segue, version, rules } = (content ?? {}) as { segue?: unknown; version?: unknown; rules?: unknown };
  if (!Array.isArray(rules)) throw badFile(file, ['There is no list "rules" in it.']);
  if (segue !== undefined && segue !== MARK) throw badFile(file, [`It says that it holds ${JSON.stringify(segue)}.`]);
  if (version !== undefined && version !== VERSION)
    throw badFile(file, [`It is of version ${JSON.stringify(version)}; this Segue reads version ${VERSION}.`]);
  const lines = linesOfRules(text);
  const read = rules.map((value, at) => ({ line: lines[at]!, ...attempt(() => readValue(value)) }));
  refuseWrong(read, file);
  const found = read.flatMap(({ line, rule }) => (rule === undefined ? [] : [{ line, rule }]));
  refuseTwice(found, file);
  return found;
}

/** Throws where two rules of a file are on one subject; lookups are passed over, their subject is not known yet. */
export function refuseTwice(rules: readonly FileRule[], file: string): void {
  const firstLine = new Map<string, number>();
  const wrong: string[] = [];
  for (const { line, rule } of rules) {
    if ('lookup' in rule) continue;
    const before = firstLine.get(subjectOf(rule));
    if (before === undefined) firstLine.set(subjectOf(rule), line);
    else wrong.push(`line ${line}: ${ruleId(rule)} is on the subject of line ${before}`);
  }
  if (wrong.length > 0) throw badFile(file, wrong);
}

/** Throws with the line and reason of each that went wrong, if any did. */
export function refuseWrong(read: readonly { readonly line: number; readonly wrong?: string }[], file: string): void {
  const wrong = read.flatMap((each) => (each.wrong === undefined ? [] : [`line ${each.line}: ${each.wrong}`]));
  if (wrong.length > 0) throw badFile(file, wrong);
}

/** What `read` gives, or why it did not. */
export function attempt<Rule>(read: () => Rule): { readonly rule?: Rule; readonly wrong?: string } {
  try {
    return { rule: read() };
  } catch (error) {
    if (!isExpected(error)) throw error;
    return { wrong: `${error.message} ${error.why}` };
  }
}

function readValue(value: unknown): TasteRule | RuleLookup {
  if (typeof value === 'string') return parseRule(value);
  const text = JSON.stringify(value);
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw badRule(text, 'A rule is an object or a text.');
  return checkRule(value, text);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badFile(file, [`line ${lineOfMistake(text)}: this is not JSON`]);
  }
}

/** The first line with which the text cannot go on to be JSON; JSON.parse tells places of some mistakes only. */
function lineOfMistake(text: string): number {
  const lines = text.split(/(?<=\n)/);
  let right = 0;
  let wrong = lines.length;
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (mayGoOn(lines.slice(0, middle).join(''))) right = middle;
    else wrong = middle;
  }
  return wrong;
}

function mayGoOn(begun: string): boolean {
  try {
    JSON.parse(begun);
    return true;
  } catch (error) {
    const { message } = error as Error;
    return message.includes('Unexpected end') || Number(/at position (\d+)/.exec(message)?.[1]) >= begun.length;
  }
}

/** Of each value of the top-level list "rules", the line on which it begins. The text is JSON with such a list. */
function linesOfRules(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let name = '';
  let inRules = false;
  for (const [token] of text.matchAll(/\n|"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s,:[\]{}"]+/g)) {
    if (token === '\n') {
      line++;
      continue;
    }
    const closes = token === ']' || token === '}';
    if (inRules && depth === 2 && !closes) lines.push(line);
    if (token === '[' || token === '{') {
      // Of two lists of this name JSON.parse keeps the last.
      if (depth === 1 && token === '[' && name === 'rules') {
        inRules = true;
        lines.length = 0;
      }
      depth++;
    } else if (closes) {
      depth--;
      if (depth === 1) inRules = false;
    } else if (depth === 1 && token.startsWith('"')) name = JSON.parse(token) as string;
  }
  return lines;
}

const MOST_NAMED = 10;

function badFile(file: string, wrong: readonly string[]): ExpectedError {
  const named = wrong.slice(0, MOST_NAMED).join('; ');
  const more = wrong.length > MOST_NAMED ? `; and ${wrong.length - MOST_NAMED} more` : '';
  return new ExpectedError('bad-taste-file', `The rules in ${file} cannot be used.`, {
    why: `${named[0]!.toUpperCase()}${named.slice(1)}${more}${/[.?!]$/.test(named + more) ? '' : '.'}`,
    hint: 'Nothing was changed; docs/taste-rules.md shows the format, segue taste export writes it.',
  });
}
