/** A tree of key names; an empty map means "all of it". */
interface FieldTree extends Map<string, FieldTree> {}

/**
 * Keeps what `fields` names, as playlists accept it: comma-separated keys, `a.b` or `a(b,c)` for keys within, applied to
 * every element of an array; a leading `!` leaves the key out instead.
 */
export function filterFields(value: unknown, fields: string): unknown {
  const { kept, dropped } = readFields(fields);
  const rest = dropped.size > 0 ? omit(value, dropped) : value;
  return kept.size > 0 ? pick(rest, kept) : rest;
}

function readFields(fields: string): { kept: FieldTree; dropped: FieldTree } {
  const kept: FieldTree = new Map();
  const dropped: FieldTree = new Map();
  const tokens = fields.match(/[!\w]+|[.,()]/g) ?? [];
  let position = 0;
  const readList = (into: FieldTree): void => {
    while (position < tokens.length && tokens[position] !== ')') {
      readField(into);
      if (tokens[position] === ',') position++;
    }
  };
  const readField = (into: FieldTree): void => {
    const name = tokens[position++]!;
    const tree = name.startsWith('!') ? dropped : into;
    const key = name.replace('!', '');
    const inner: FieldTree = tree.get(key) ?? new Map();
    tree.set(key, inner);
    if (tokens[position] === '.') {
      position++;
      if (position < tokens.length) readField(inner);
    } else if (tokens[position] === '(') {
      position++;
      readList(inner);
      position++;
    }
  };
  readList(kept);
  return { kept, dropped };
}

function pick(value: unknown, tree: FieldTree): unknown {
  if (tree.size === 0 || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((element) => pick(element, tree));
  const entries = Object.entries(value).filter(([key]) => tree.has(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, pick(inner, tree.get(key)!)]));
}

function omit(value: unknown, tree: FieldTree): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((element) => omit(element, tree));
  const entries = Object.entries(value).filter(([key]) => tree.get(key)?.size !== 0);
  return Object.fromEntries(entries.map(([key, inner]) => [key, tree.has(key) ? omit(inner, tree.get(key)!) : inner]));
}
