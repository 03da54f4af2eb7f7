import type { TaskContext } from '../base/task.ts';
import type { Composition } from '../recommend/compose.ts';
import { heardSongs, playedRows } from '../recommend/heard-songs.ts';
import { identityOf, type RecordingIdentity } from '../recommend/known-recordings.ts';
import { leaveOutPlays } from '../recommend/taste-plays.ts';
import { type TasteRule, withDefaults } from '../recommend/taste-rules.ts';
import type { Store } from '../store/connect.ts';
import { readListens } from '../store/listens.ts';
import type { OpenRecommenders } from './open-recommenders.ts';
import { composeEdition } from './recommend-composition.ts';
import { type AskedOfSongs, tasteOfSongs } from './recommend-rules.ts';
import { type FoundSeeds, findSeeds } from './recommend-seeds.ts';

export interface ComposeDeps {
  readonly store: Store;
  readonly listenerId: number;
  readonly timeZone: string;
}

export interface ComposeSettings extends AskedOfSongs {
  readonly length: number;
  readonly days: number;
  readonly seeds: 'all' | 'export';
}

/** What is different from how things are. */
export interface Supposition {
  /** Rules of the listener's that hold; the defaults are added. */
  readonly rules: readonly TasteRule[];
  /** Plays that these name never were: their songs are as unheard, unless another play knows them. */
  readonly absent?: readonly TasteRule[];
}

export interface Composed {
  /** Undefined where there is nothing to start from. */
  readonly found: FoundSeeds | undefined;
  readonly composition: Composition;
}

const EMPTY: Composition = { items: [], rejected: [] };

/** Composes as of the context's clock, under these rules, and stores nothing. Nothing to start from is an empty composition. */
export async function composeUnder(
  { store, listenerId, timeZone }: ComposeDeps,
  opened: OpenRecommenders,
  { rules, absent = [] }: Supposition,
  settings: ComposeSettings,
  context: TaskContext,
): Promise<Composed> {
  const now = context.clock.now();
  const seedRules = { rules: [...withDefaults(rules), ...absent], timeZone };
  const found = await findSeeds(store.db, listenerId, opened.vectors.catalogue, { ...settings, now }, seedRules);
  if (found === undefined || found.matching.matched.length === 0) return { found, composition: EMPTY };
  const taste = await tasteOfSongs(store.db, rules, settings);
  const heard = await heardWithout(store, listenerId, absent, { until: now, timeZone });
  const asked = { ...taste.rules, length: settings.length, heard, until: now };
  const sources = settings.seeds === 'export' ? (['export'] as const) : (['api', 'export'] as const);
  const listens = await readListens(store.db, listenerId, { since: null, until: now }, sources);
  const { kept } = leaveOutPlays(listens, seedRules.rules, timeZone);
  const history = playedRows(kept, heardSongs(kept, opened.vectors.catalogue), now);
  const composition = await composeEdition(store, listenerId, opened, found.matching, asked, context, { history });
  return { found, composition };
}

/** What was played until then, by plays that the rules do not name. */
async function heardWithout(
  { db }: Store,
  listenerId: number,
  absent: readonly TasteRule[],
  { until, timeZone }: { readonly until: Date; readonly timeZone: string },
): Promise<RecordingIdentity[]> {
  const plays = await readListens(db, listenerId, { since: null, until, shortOnes: true }, ['api', 'export']);
  const { kept } = leaveOutPlays(plays, absent, timeZone);
  const tracks = new Map(kept.map((play) => [play.id, play]));
  return [...tracks.values()].map(identityOf);
}
