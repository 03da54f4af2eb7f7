import { z } from 'zod';
import { ExpectedError } from '../base/errors.ts';
import type { Task, TaskContext, TaskOutput } from '../base/task.ts';
import { inBatches, publicationDescription, publicationName } from '../music/publication.ts';
import { isTrackId } from '../music/track.ts';
import type { WebApi } from '../spotify/web-api.ts';
import { MAX_ITEMS_PER_CALL } from '../spotify/wire.ts';
import type { Store } from '../store/connect.ts';
import {
  findEditionToPublish,
  findPublication,
  newestEditionInPlace,
  type PublishableEdition,
  readWantedItems,
  savePublication,
} from '../store/publications.ts';
import { markUnplayable, saveAliases } from '../store/track-availability.ts';
import { readCover, setCover } from './publish-cover.ts';
import { fillPlaylist } from './publish-items.ts';
import { holdPlaylist } from './publish-playlist.ts';
import { readInput } from './task-input.ts';

export interface PublishSettings {
  /** `in-place` keeps one playlist for each recipe fresh; `new` makes one for each edition. */
  readonly mode: 'in-place' | 'new';
  /** Name of the playlist; `{date}` becomes the day of the edition, 22/11/2026. */
  readonly name: string;
  /** Its description; `{date}` as above, `{songs}` how many. */
  readonly description?: string | undefined;
  /** Whether it is listed on the profile; Spotify may ignore `false`. */
  readonly public: boolean;
  /** Path of a JPEG of at most 180 KB. */
  readonly cover?: string | undefined;
  /** IANA time zone of the date. */
  readonly timeZone: string;
}

export interface PublishDeps {
  readonly store: Store;
  readonly spotify: WebApi;
  readonly listenerId: number;
  readonly settings: PublishSettings;
}

/** `edition` publishes this one, come what may; absent: the run's own, or else the newest draft. */
export type PublishInput = { readonly edition?: number; readonly dryRun?: boolean } | null;

const inputSchema = z.strictObject({ edition: z.int().min(0).optional(), dryRun: z.boolean().optional() });
type Wanted = z.output<typeof inputSchema>;

const DESCRIPTION = '{songs} songs for {date}, chosen by Segue from what you played lately.';

/** Puts an edition into the account. Done only when the playlist read back is the one that was meant. */
export function publish(deps: PublishDeps): Task<PublishInput> {
  return {
    name: 'publish',
    summary: 'Writes an edition to its playlist in the account and reads it back to prove it.',
    timeoutMs: 15 * 60_000,
    maxAttempts: 6,
    run: async (input, context) => run(deps, readInput('publish', inputSchema, input), context),
  };
}

async function run(deps: PublishDeps, input: Wanted, context: TaskContext): Promise<TaskOutput> {
  const { store, spotify, listenerId, settings } = deps;
  const edition = await chooseEdition(deps, input, context.runKey);
  if (!edition) return { skipped: 'There is no edition to publish; `segue recommend` makes one.' };
  const superseded = input.edition === undefined && (await supersededBy(deps, edition));
  if (superseded) return { skipped: `Edition ${superseded} is newer and stands in the playlist already.` };

  const songs = await readWantedItems(store.db, edition.editionId);
  const wanted = songs.filter((item) => isTrackId(item.trackId));
  if (wanted.length === 0) return { skipped: `Edition ${edition.editionId} has no songs that Spotify could play.` };
  const jpeg = settings.cover === undefined ? undefined : await readCover(settings.cover);
  const details = (marker: string) => describe(edition, settings, wanted.length, marker);
  const plan = { edition: edition.editionId, mode: settings.mode, name: details('').name, songs: wanted.length };
  const notOnSpotify = songs.length - wanted.length;
  if (input.dryRun) {
    const calls = inBatches(wanted, MAX_ITEMS_PER_CALL).length;
    const titles = wanted.map((item) => `${item.title} · ${item.artist}`);
    return { ...plan, dryRun: true, description: details('').description, calls, notOnSpotify, items: titles };
  }

  const before = await findPublication(store.db, edition.editionId);
  const settled = before?.verifiedAt && input.edition === undefined ? before : undefined;
  if (settled && !jpeg) return { skipped: `Edition ${edition.editionId} stands in playlist ${settled.playlistId}.` };
  if (settled && jpeg) {
    const cover = await setCover(spotify, store.db, settled.playlistId, jpeg, context);
    return { ...plan, playlist: settled.playlistId, items: settled.items, verified: true, cover };
  }

  const { playlistId, created } = await holdPlaylist(spotify, store, slotOf(edition, settings), details, context);
  const filled = await fillPlaylist(spotify, playlistId, wanted, context);
  const now = context.clock.now();
  await store.transaction(async (db) => {
    await saveAliases(
      db,
      filled.relinked.map(({ wanted, shown }) => ({ aliasId: shown, trackId: wanted, reason: 'relinked' as const })),
      now,
    );
    await markUnplayable(db, [...filled.gone, ...filled.unavailable]);
    await savePublication(db, {
      editionId: edition.editionId,
      listenerId,
      playlistId,
      mode: settings.mode,
      name: plan.name,
      items: filled.items.length,
      snapshot: filled.snapshot ?? before?.snapshot ?? null,
      publishedAt: before?.publishedAt ?? now,
      verifiedAt: now,
    });
  });
  const cover = jpeg ? await setCover(spotify, store.db, playlistId, jpeg, context) : 'none';
  return {
    ...plan,
    playlist: playlistId,
    url: `https://open.spotify.com/playlist/${playlistId}`,
    created,
    items: filled.items.length,
    verified: true,
    writes: filled.writes,
    relinked: filled.relinked.length,
    gone: [...filled.gone],
    unavailable: [...filled.unavailable],
    notOnSpotify,
    cover,
  };
}

async function chooseEdition(
  { store, listenerId }: PublishDeps,
  input: Wanted,
  runKey: string,
): Promise<PublishableEdition | undefined> {
  if (input.edition === undefined) {
    const own = await findEditionToPublish(store.db, listenerId, { runKey });
    return own ?? (await findEditionToPublish(store.db, listenerId, 'newest-draft'));
  }
  const named = await findEditionToPublish(store.db, listenerId, { editionId: input.edition });
  if (named) return named;
  throw new ExpectedError('no-edition', `There is no edition ${input.edition}.`, {
    why: 'No edition of this listener has that number.',
    hint: '`segue editions` lists them; `segue recommend` makes one.',
  });
}

/** The newer edition in the in-place playlist, which a run that was resumed late must not overwrite. */
async function supersededBy(
  { store, listenerId, settings }: PublishDeps,
  edition: PublishableEdition,
): Promise<number | undefined> {
  if (settings.mode === 'new') return undefined;
  const newest = await newestEditionInPlace(store.db, listenerId, edition.recipe);
  return newest && newest.createdAt > edition.createdAt ? newest.editionId : undefined;
}

/** The ledger's key: one playlist for each recipe kept in place, or one for each edition. */
function slotOf(edition: PublishableEdition, { mode }: PublishSettings): string {
  return mode === 'new'
    ? `playlist/edition/${edition.editionId}`
    : `playlist/in-place/${edition.listenerId}/${edition.recipe}`;
}

function describe(edition: PublishableEdition, settings: PublishSettings, songs: number, marker: string) {
  const template = (settings.description ?? DESCRIPTION).replaceAll('{songs}', String(songs));
  return {
    name: publicationName(settings.name, edition.createdAt, settings.timeZone),
    description: publicationDescription(template, edition.createdAt, settings.timeZone, marker),
    public: settings.public,
  };
}
