import type { z } from 'zod';
import { refuse } from './refusal.ts';

/** The JSON body in the schema's form; 400 where it is not JSON or does not fit, with what is wrong where Spotify says so. */
export function readBody<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  const parsed = schema.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const name = issue.path.join('.');
  throw refuse(400, issue.code === 'invalid_type' ? `Missing required field: ${name}` : `Invalid ${name}`);
}

export function readJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(400, 'Error parsing JSON.');
  }
}
