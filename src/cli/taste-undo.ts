import { readTasteRules, undoTasteChange } from '../store/taste-rules.ts';
import { type CliCommand, EXIT } from './command.ts';
import { formatTime, wrap } from './format.ts';

export const tasteUndo: CliCommand = {
  name: 'taste undo',
  summary: 'Take the newest change of the taste rules back; again, the one before it.',
  runs: 'app',
  examples: ['taste undo'],
  define: () => {},
  async run(_, { app, terminal }) {
    const { store, listener, clock, config } = await app();
    const undone = await undoTasteChange(store.db, listener.id, clock.now());
    const rules = (await readTasteRules(store.db, listener.id)).map(({ id }) => id);
    if (undone === undefined) {
      const lines = ['There is no change to take back.'];
      return { json: { undone: null, rules }, lines, next: 'segue taste', exitCode: EXIT.nothingToDo };
    }
    const { changeId, summary, madeAt } = undone;
    return {
      json: { undone: { change: changeId, summary, madeAt: madeAt.toISOString() }, rules },
      lines: [
        `Taken back: ${summary} (${formatTime(madeAt, config.timeZone)}).`,
        rules.length === 0 ? 'Only the defaults hold.' : `Rules that hold: ${rules.join(', ')}.`,
      ].flatMap((line) => wrap(line, terminal.width)),
      next: 'segue taste',
    };
  },
};
