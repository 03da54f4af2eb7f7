import type { EditionView } from '../api/contract.ts';
import type { App } from '../app.ts';
import { ExpectedError } from '../base/errors.ts';
import { type Edition, type EditionContents, listEditions, readEdition } from '../store/editions.ts';
import { findPublication, type Publication } from '../store/publications.ts';

/** One edition with its songs and reasons; without a number, the newest. Throws ExpectedError `not-found`. */
export async function showEdition(
  { store, listener }: Pick<App, 'store' | 'listener'>,
  id?: number,
): Promise<EditionView> {
  const number = id ?? (await listEditions(store.db, listener.id, 1))[0]?.editionId;
  const edition = number === undefined ? undefined : await readEdition(store.db, number);
  // Another listener's edition is as good as none.
  if (edition?.listenerId === listener.id)
    return { ...head(edition, await findPublication(store.db, edition.editionId)), items: edition.items.map(showItem) };
  throw new ExpectedError(
    'not-found',
    number === undefined ? 'There is no edition yet.' : `There is no edition ${number}.`,
    {
      why: number === undefined ? 'Nothing has been recommended so far.' : 'No edition of yours has this number.',
      hint: number === undefined ? 'segue run weekly makes the first one.' : 'segue editions lists them.',
    },
  );
}

/** The newest editions first, without their songs. */
export async function showEditions(
  { store, listener }: Pick<App, 'store' | 'listener'>,
  limit: number,
): Promise<Omit<EditionView, 'items'>[]> {
  const editions = await listEditions(store.db, listener.id, limit);
  return Promise.all(
    editions.map(async (edition) => head(edition, await findPublication(store.db, edition.editionId))),
  );
}

function head(edition: Edition, publication: Publication | undefined): Omit<EditionView, 'items'> {
  return {
    id: edition.editionId,
    title: edition.title,
    recipe: edition.recipe,
    status: edition.status,
    createdAt: edition.createdAt.toISOString(),
    seedsFound: edition.seedsFound,
    seedsTotal: edition.seedsTotal,
    publication: publication
      ? {
          playlistId: publication.playlistId,
          name: publication.name,
          items: publication.items,
          publishedAt: publication.publishedAt.toISOString(),
          verifiedAt: publication.verifiedAt?.toISOString() ?? null,
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
}: EditionContents['items'][number]): EditionView['items'][number] {
  return {
    position,
    trackId: track.id,
    title: track.title,
    artists: [...track.artists],
    recommender,
    similarity,
    score,
    reason,
    seed: seed ? { trackId: seed.id, title: seed.title, artists: [...seed.artists] } : null,
  };
}
