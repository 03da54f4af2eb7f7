import { z } from 'zod';
import { ExpectedError } from '../base/errors.ts';
import type { Task } from '../base/task.ts';

/** Files, folders and zips; absent: the task's default ones. */
export const pathsInput = z.strictObject({ paths: z.array(z.string().min(1)).optional() });

/**
 * A task's input, which may have been typed by hand or come from another scheduler, as its schema wants it. Throws
 * ExpectedError `bad-input`, naming each field that is wrong.
 */
export function readInput<Schema extends z.ZodType>(task: string, schema: Schema, raw: unknown): z.output<Schema> {
  const parsed = schema.safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  throw new ExpectedError('bad-input', `This input of ${task} cannot be used.`, {
    why: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`).join('; '),
    hint: `See segue ${task} --help.`,
  });
}

/** The same task, refusing an input: one that is ignored would hide a mistake. */
export function takesNoInput(task: Task<null>): Task<null> {
  return {
    ...task,
    async run(input, context) {
      readInput(task.name, z.strictObject({}), input);
      return await task.run(null, context);
    },
  };
}
