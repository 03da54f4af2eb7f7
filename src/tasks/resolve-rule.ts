import { ExpectedError } from '../base/errors.ts';
import { nameOf, ruleId, subjectOf, type TasteRule } from '../recommend/taste-rules.ts';
import { badRule, checkRule, parseRule, type RuleLookup } from '../recommend/taste-text.ts';
import type { Store } from '../store/connect.ts';
import { findArtistName, findPlaylists } from '../store/taste-lookups.ts';
import { findTracks } from '../store/tracks.ts';

type Db = Store['db'];

/**
 * The rule that a text means, with names and ids from the library: an id, a link, a name. Throws ExpectedError `bad-rule`
 * where the text is none, or names what the library does not have.
 */
export async function resolveRule(db: Db, listenerId: number, text: string): Promise<TasteRule> {
  return await resolveLookup(db, listenerId, parseRule(text), text);
}

/** Of a parsed text. */
export async function resolveLookup(
  db: Db,
  listenerId: number,
  parsed: TasteRule | RuleLookup,
  text: string,
): Promise<TasteRule> {
  if (!('lookup' in parsed)) {
    if (parsed.rule !== 'playlist' || parsed.name !== undefined) return parsed;
    const [known] = await findPlaylists(db, listenerId, parsed.id);
    return known?.id === parsed.id ? { ...parsed, name: known.name } : parsed;
  }
  const { lookup, of, only } = parsed;
  const part = only === undefined ? {} : { only };
  if (lookup === 'artist') {
    const name = await findArtistName(db, of);
    if (name !== undefined) return checkRule({ rule: 'artist', name, id: of, ...part }, text);
    throw badRule(text, 'No song of yours is by an artist with this id; name the artist instead.');
  }
  if (lookup === 'track') {
    const track = (await findTracks(db, [of])).get(of);
    const [artist] = track?.artists ?? [];
    if (track === undefined || artist === undefined || track.title === '')
      throw badRule(text, 'No song of yours has this id; write "artist - title" instead.');
    const isrc = track.isrc === undefined ? {} : { isrc: track.isrc };
    return checkRule({ rule: 'track', artist, title: track.title, id: track.id, ...isrc, ...part }, text);
  }
  const found = await findPlaylists(db, listenerId, of);
  if (found.length === 1) return checkRule({ rule: 'playlist', ...found[0]! }, text);
  throw badRule(
    text,
    found.length === 0
      ? 'No playlist of your library has this name; give its link instead, or collect the library with segue sync-library.'
      : `${found.length} playlists have this name; give the id of one: ${found.map(({ id }) => id).join(', ')}.`,
  );
}

/** The rule among `rules` that a text names: by its id, its subject, or a playlist's name. Throws ExpectedError `no-such-rule`. */
export function findRule(rules: readonly TasteRule[], text: string): TasteRule {
  const found =
    rules.find((rule) => ruleId(rule).toLowerCase() === text.trim().toLowerCase()) ?? findMeant(rules, text);
  if (found !== undefined) return found;
  const held = rules.map(ruleId);
  throw new ExpectedError('no-such-rule', `No rule "${text}" holds.`, {
    why: held.length === 0 ? 'There are no rules of yours.' : `Those that do: ${held.join(', ')}.`,
    hint: 'segue taste lists them with what each leaves out.',
  });
}

/** Of the rules that hold the one that a text means; undefined where none does, or the text is no rule at all. */
export function findMeant(rules: readonly TasteRule[], text: string): TasteRule | undefined {
  let meant: TasteRule | RuleLookup;
  try {
    meant = parseRule(text);
  } catch {
    return undefined;
  }
  return rules.find((rule) => {
    if (!('lookup' in meant)) return subjectOf(rule) === subjectOf(meant);
    if (rule.rule !== meant.lookup) return false;
    return rule.id === meant.of || (rule.rule === 'playlist' && nameOf(rule.name ?? '') === nameOf(meant.of));
  });
}
