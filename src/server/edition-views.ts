import type { EditionHeadView, EditionView } from '../api/contract.ts';
import type { App } from '../app.ts';
import { ExpectedError } from '../base/errors.ts';
import type { Json } from '../base/task.ts';
import { type EditionHead, listEditionHeads } from '../store/edition-heads.ts';
import { type EditionContents, readEdition } from '../store/editions.ts';
import { playlistUrl, trackUrl } from './spotify-links.ts';

type Needs = Pick<App, 'store' | 'listener' | 'config'>;

/** One edition with its songs and reasons; without a number, the newest. Throws ExpectedError `not-found`. */
export async function showEdition(app: Needs, editionId?: number): Promise<EditionView> {
  const { store, listener } = app;
  // Another listener's edition is as good as none.
  const [head] = await listEditionHeads(store.db, listener.id, {
    limit: 1,
    ...(editionId === undefined ? {} : { editionId }),
  });
  const edition = head && (await readEdition(store.db, head.editionId));
  if (edition) return { ...showHead(app, head), items: edition.items.map(showItem), rejected: countRules(edition) };
  throw editionId === undefined
    ? new ExpectedError('not-found', 'There is no edition yet.', {
        why: 'Nothing has been recommended so far.',
        hint: 'segue run weekly makes the first one.',
      })
    : new ExpectedError('not-found', `There is no edition ${editionId}.`, {
        why: 'No edition of yours has this number.',
        hint: 'segue editions lists them.',
      });
}

/** The newest editions first, without their songs. */
export async function showEditions(app: Needs, limit: number): Promise<EditionHeadView[]> {
  const heads = await listEditionHeads(app.store.db, app.listener.id, { limit });
  return heads.map((head) => showHead(app, head));
}

function showHead({ config }: Needs, head: EditionHead): EditionHeadView {
  const { playlistId, publishedAt } = head;
  return {
    id: head.editionId,
    title: head.title,
    recipe: head.recipe,
    status: head.status,
    createdAt: head.createdAt.toISOString(),
    length: head.length,
    seedsFound: head.seedsFound,
    seedsTotal: head.seedsTotal,
    publication:
      playlistId && publishedAt
        ? {
            playlistId,
            url: playlistUrl(config.spotify.apiUrl, playlistId),
            name: head.playlistName ?? head.title,
            items: head.playlistItems ?? 0,
            publishedAt: publishedAt.toISOString(),
            verifiedAt: head.verifiedAt?.toISOString() ?? null,
          }
        : null,
  };
}

function showItem({
  position,
  track,
  seed,
  recommender,
  similarity,
  score,
  reason,
  facts,
}: EditionContents['items'][number]): EditionView['items'][number] {
  return {
    position,
    trackId: track.id,
    title: track.title,
    artists: [...track.artists],
    url: trackUrl(track.id),
    recommender,
    similarity,
    score,
    reason,
    shares: sharesIn(facts),
    seed: seed ? { trackId: seed.id, title: seed.title, artists: [...seed.artists] } : null,
  };
}

function sharesIn(facts: Json): EditionView['items'][number]['shares'] {
  const { shares } = (facts ?? {}) as { shares?: Record<string, number> };
  if (shares === undefined) return null;
  const all = Object.entries(shares).map(([recommender, share]) => ({ recommender, share }));
  return all.sort((a, b) => b.share - a.share || (a.recommender < b.recommender ? -1 : 1));
}

function countRules({ rejected }: EditionContents): EditionView['rejected'] {
  const byRule = Map.groupBy(rejected, ({ rule }) => rule);
  return [...byRule].map(([rule, tracks]) => ({ rule, count: tracks.length })).sort((a, b) => b.count - a.count);
}
