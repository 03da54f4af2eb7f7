import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };
import { type Clock, systemClock } from './base/clock.ts';
import { ExpectedError } from './base/errors.ts';
import { type Log, silentLog } from './base/log.ts';
import { type SecretBox, secretBox } from './base/secret-box.ts';
import { loadSecretKey } from './base/secret-key.ts';
import type { Task } from './base/task.ts';
import { type Config, projectRoot } from './config.ts';
import { openReccoBeats } from './corpus/reccobeats.ts';
import type { Engine } from './pipeline/engine.ts';
import { openEngine } from './pipeline/open-engine.ts';
import { isLoopback } from './spotify/http.ts';
import { refreshTokens, type SpotifyApp } from './spotify/oauth.ts';
import { RequestQueue } from './spotify/request-queue.ts';
import { SpotifySession } from './spotify/session.ts';
import { bindWebApi, type WebApi } from './spotify/web-api.ts';
import { findAccount } from './store/accounts.ts';
import { openStore, type Store } from './store/connect.ts';
import { ensureListener } from './store/listeners.ts';
import { blockMemory } from './store/spotify-blocks.ts';
import { tokenVault } from './store/token-vault.ts';
import { buildCorpus } from './tasks/build-corpus.ts';
import { enrichFeatures } from './tasks/enrich-features.ts';
import { fitRecommenders } from './tasks/fit-recommenders.ts';
import { importFeatures } from './tasks/import-features.ts';
import { importHistory } from './tasks/import-history.ts';
import { importPlaylists } from './tasks/import-playlists.ts';
import { importVectors } from './tasks/import-vectors.ts';
import { definePipelines } from './tasks/index.ts';
import { keepRecommenders, type RecommenderKeeper } from './tasks/kept-recommenders.ts';
import { measureOutcomes } from './tasks/measure-outcomes.ts';
import { publish } from './tasks/publish.ts';
import { recommend } from './tasks/recommend.ts';
import { syncLibrary } from './tasks/sync-library.ts';
import { syncPlays } from './tasks/sync-plays.ts';
import { takesNoInput } from './tasks/task-input.ts';
import { trainVectors } from './tasks/train-vectors.ts';
import { tune } from './tasks/tune.ts';

/** Everything put together: what the command line, the service and the demo work with. */
export interface App {
  readonly config: Config;
  readonly version: string;
  readonly store: Store;
  readonly listener: { readonly id: number; readonly name: string };
  readonly box: SecretBox;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly recommenders: RecommenderKeeper;
  /** The Web API of the connected account; its calls throw `not-connected` where there is none. */
  readonly spotify: WebApi;
  /** The app to connect with: that of the settings, else the one connected before. Throws `no-client-id`. */
  spotifyApp(): Promise<SpotifyApp>;
  close(): Promise<void>;
}

export interface AppEffects {
  readonly clock?: Clock;
  readonly log?: Log;
}

/** Opens store, engine and client. Throws what opening the store throws (`store-locked`, `database-unreachable`, …). */
export async function openApp(config: Config, effects: AppEffects = {}): Promise<App> {
  const clock = effects.clock ?? systemClock;
  const log = effects.log ?? silentLog;
  const { dataDir, databaseUrl, schema } = config;
  const store = await openStore({ dataDir, databaseUrl, schema, clock, log });
  try {
    const listener = { id: await ensureListener(store.db, config.listener), name: config.listener };
    const box = secretBox(await loadSecretKey(dataDir, config.key));
    const client = await bindSpotify(config, store, listener.id, box, clock, log);
    const recommenders = keepRecommenders({ store, dataDir });
    const tasks = bindTasks(config, store, listener, client.api, recommenders);
    const engine = await openEngine({
      store,
      tasks,
      pipelines: definePipelines(config.cron),
      log,
      clock,
      codeVersion: manifest.version,
    });
    return {
      config,
      version: manifest.version,
      store,
      listener,
      box,
      engine,
      clock,
      log,
      recommenders,
      spotify: client.api,
      spotifyApp: client.app,
      async close() {
        await engine.close();
        await client.close();
        await recommenders.close();
        await store.flush();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function bindSpotify(config: Config, store: Store, listenerId: number, box: SecretBox, clock: Clock, log: Log) {
  const { clientId: configured, clientSecret, accountsUrl } = config.spotify;
  const connectedId = async () => (await findAccount(store.db, listenerId))?.clientId;
  const app = async (): Promise<SpotifyApp> => {
    const clientId = configured ?? (await connectedId());
    if (clientId === undefined)
      throw new ExpectedError('no-client-id', "Segue does not know your app's client ID.", {
        why: 'Spotify only talks to registered apps, and each listener registers their own.',
        hint: 'Make an app at developer.spotify.com/dashboard, then: segue connect --client-id <client ID>',
      });
    return { clientId, clientSecret, accountsUrl };
  };
  // Tokens belong to the app they were given to, whatever the settings say by now; the secret is that of the settings' app.
  const appOfTokens = async (): Promise<SpotifyApp> => {
    const known = await app();
    const clientId = (await connectedId()) ?? known.clientId;
    return clientId === known.clientId ? known : { clientId, accountsUrl };
  };
  const session = new SpotifySession({
    vault: tokenVault(store, box, listenerId, clock),
    refresh: async (refreshToken) => refreshTokens(await appOfTokens(), refreshToken, { clock }),
    clock,
    random: Math.random,
  });
  const queue = new RequestQueue({
    // Before the first connection no id is known, and the few calls of connecting are counted under this word.
    clientId: async () => (await connectedId()) ?? configured ?? 'connecting',
    memory: blockMemory(store.db),
    clock,
    log,
    dailyCalls: config.spotify.dailyCalls,
    // The gap spares Spotify's 30 s limit; a Spotify on this machine needs no sparing.
    ...(isLoopback(new URL(config.spotify.apiUrl)) ? { minGapMs: 0 } : {}),
  });
  const api = bindWebApi({ session, queue, clock, random: Math.random, log, apiUrl: config.spotify.apiUrl });
  return { app, api, close: async () => queue.close() };
}

/** Every task of the graph with what it needs. */
function bindTasks(
  config: Config,
  store: Store,
  listener: App['listener'],
  spotify: WebApi,
  recommenders: RecommenderKeeper,
  // Each task checks its own input.
  // biome-ignore lint/suspicious/noExplicitAny: any task, whatever it takes
): Task<any>[] {
  const { dataDir } = config;
  const bundled = join(projectRoot, 'data', 'demo');
  return [
    takesNoInput(syncPlays({ store, spotify, listener, dataDir })),
    takesNoInput(syncLibrary({ store, spotify, listener, dataDir })),
    importHistory({ store, dataDir, listener: listener.name }),
    importPlaylists({
      store,
      dataDir,
      defaultPaths: config.playlistSources.length > 0 ? config.playlistSources : [bundled],
    }),
    importFeatures({
      store,
      defaultPaths: config.featureSources.length > 0 ? config.featureSources : [join(bundled, 'tracks.csv.gz')],
    }),
    takesNoInput(
      enrichFeatures({
        store,
        listenerId: listener.id,
        reccoBeats: config.enrichFeatures
          ? openReccoBeats(config.reccobeatsUrl, `segue/${manifest.version}`)
          : undefined,
      }),
    ),
    takesNoInput(buildCorpus({ store, dataDir, trainOnApiContent: config.trainOnApiContent })),
    trainVectors({ store, dataDir }),
    importVectors({ store, dataDir }),
    fitRecommenders({
      store,
      dataDir,
      listenerId: listener.id,
      trainOnApiContent: config.trainOnApiContent,
    }),
    tune({ store, dataDir }),
    takesNoInput(measureOutcomes({ store, listenerId: listener.id })),
    recommend({
      store,
      recommenders,
      listenerId: listener.id,
      timeZone: config.timeZone,
      recipes: { bundled: join(projectRoot, 'data/recipes'), own: join(dataDir, 'recipes') },
      defaults: config.edition,
    }),
    publish({ store, spotify, listenerId: listener.id, settings: { ...config.playlist, timeZone: config.timeZone } }),
  ];
}
