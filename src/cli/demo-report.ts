import type { EditionView } from '../api/contract.ts';
import type { App } from '../app.ts';
import type { Json } from '../base/task.ts';
import { trackUri } from '../music/track.ts';
import { showEdition } from '../server/edition-views.ts';
import { readState } from '../server/state.ts';
import { latestModel } from '../store/models.ts';
import { showSongs } from './editions.ts';
import { formatNumber, paint } from './format.ts';
import type { Terminal } from './terminal.ts';

export interface Verification {
  readonly verified: boolean;
  readonly playlistId: string | null;
  readonly items: number;
}

/** Reads the playlist back from the account, apart from what `publish` did, and compares it with the newest edition. */
export async function verifyPlaylist(app: App): Promise<Verification> {
  const edition = await showEdition(app);
  if (!edition.publication) return { verified: false, playlistId: null, items: 0 };
  const uris: string[] = [];
  for await (const page of app.spotify.playlistItems(edition.publication.playlistId))
    uris.push(...page.rows.map((row) => (row.track ? trackUri(row.track.id) : '')));
  const meant = edition.items.map((item) => trackUri(item.trackId));
  return {
    verified: meant.length > 0 && meant.join() === uris.join(),
    playlistId: edition.publication.playlistId,
    items: uris.length,
  };
}

/** What the demo shows at its end: collected, learned, the playlist with its reasons, and whether it is verified. */
export async function demoReport(
  app: App,
  terminal: Terminal,
  tasks: Record<string, number>,
  verification: Verification,
): Promise<{ json: { verified: boolean; [key: string]: Json }; lines: string[] }> {
  const state = await readState(app);
  const edition = await showEdition(app);
  const model = await latestModel(app.store.db);
  const training = state.corpora.find((corpus) => corpus.kind === 'training');
  const n = formatNumber;
  const heading = (text: string) => `\n${paint(terminal, 'bold', text)}`;
  return {
    json: {
      verified: verification.verified,
      plays: state.plays.total,
      playlists: training?.playlists ?? 0,
      tokens: training?.tokens ?? 0,
      vocabulary: model?.vocabulary ?? 0,
      model: model
        ? { algorithm: model.algorithm, dimensions: model.dimensions, settings: model.settings, metrics: model.metrics }
        : null,
      recommendations: edition.items.length,
      playlist: { id: verification.playlistId, items: verification.items },
      tasks,
    },
    lines: [
      heading('What was collected'),
      `  ${n(state.plays.total)} plays (${n(state.plays.listens)} listens) of ${n(state.plays.tracks)} songs, ${n(state.library.likedTracks)} liked songs, ${n(state.library.playlists)} playlists of the listener`,
      `  ${n(training?.playlists ?? 0)} playlists to learn from with ${n(training?.tokens ?? 0)} songs in them, audio features of ${n(state.features)} songs`,
      heading('What the model learned'),
      `  ${n(model?.vocabulary ?? 0)} song vectors of ${model?.dimensions ?? 0} dimensions, ${model?.algorithm ?? 'none'}`,
      heading('The playlist'),
      ...showSongs(edition, terminal).map((line) => `  ${line}`),
      '',
      verdict(edition, verification, terminal),
    ],
  };
}

function verdict(edition: EditionView, { verified, items }: Verification, terminal: Terminal): string {
  return verified
    ? `${paint(terminal, 'green', '✓')} The playlist read back from the account has ${items} songs and equals what was meant.`
    : `${paint(terminal, 'red', '✗')} The playlist read back has ${items} songs and is not what was meant (${edition.items.length}).`;
}
