import type { HttpBindings } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { authorizeRoutes } from './authorize.ts';
import { controlRoutes } from './control-api.ts';
import { guardApi } from './gate.ts';
import { homePage } from './home-page.ts';
import { pictureRoutes } from './pictures.ts';
import { reccobeatsRoutes } from './reccobeats.ts';
import { refuse } from './refusal.ts';
import type { RecordedRequest } from './request-log.ts';
import { catalogueRoutes } from './routes-catalogue.ts';
import { imageRoutes } from './routes-images.ts';
import { libraryRoutes } from './routes-library.ts';
import { meRoutes } from './routes-me.ts';
import { playerRoutes } from './routes-player.ts';
import { playlistItemRoutes } from './routes-playlist-items.ts';
import { playlistRoutes } from './routes-playlists.ts';
import { removedRoutes } from './routes-removed.ts';
import { searchRoutes } from './routes-search.ts';
import type { ApiEnv, Simulation } from './simulation.ts';
import { spoil } from './spoil.ts';
import { tokenRoutes } from './token.ts';

export interface AppOptions {
  readonly recordBodies: boolean;
  /** Awaited after every call that may have changed the state, before it is answered. */
  readonly afterChange: () => Promise<void>;
}

type NodeEnv = { Bindings: HttpBindings };

/** `/accounts`, `/v1` and `/reccobeats` behind the request log and the fault switches; `/` and `/simulator` are never spoilt. */
export function buildApp(simulation: Simulation, options: AppOptions): Hono<NodeEnv> {
  const app = new Hono<NodeEnv>();
  app.use('/accounts/*', watch(simulation, 'accounts', '/accounts', options));
  app.use('/v1/*', watch(simulation, 'api', '/v1', options));
  app.use('/reccobeats/*', watch(simulation, 'reccobeats', '/reccobeats', options));
  app.use('/simulator/*', async (c, next) => {
    await next();
    if (c.req.method !== 'GET') await options.afterChange();
  });
  app.route('/accounts', authorizeRoutes(simulation));
  app.route('/accounts', tokenRoutes(simulation));
  app.route('/v1', apiRoutes(simulation));
  app.route('/reccobeats', reccobeatsRoutes(simulation));
  app.route('/simulator', pictureRoutes(simulation));
  app.route('/simulator', controlRoutes(simulation));
  app.get('/', (c) => c.html(homePage(simulation)));
  return app;
}

function apiRoutes(simulation: Simulation): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>();
  api.use(guardApi(simulation));
  const groups = [
    meRoutes,
    playerRoutes,
    libraryRoutes,
    playlistRoutes,
    playlistItemRoutes,
    imageRoutes,
    catalogueRoutes,
  ];
  for (const routes of [...groups, searchRoutes]) api.route('/', routes(simulation));
  api.route('/', removedRoutes());
  api.all('*', () => {
    throw refuse(404, 'Service not found');
  });
  return api;
}

/** Writes each call down, and spoils those that a fault is for. */
function watch(
  simulation: Simulation,
  host: RecordedRequest['host'],
  prefix: string,
  options: AppOptions,
): MiddlewareHandler<NodeEnv> {
  return async (c, next) => {
    const { faults, requests, clock, log } = simulation;
    const path = c.req.path.slice(prefix.length);
    const method = c.req.method;
    const fault = faults.take({ host, method, path });
    const body = host === 'api' && method !== 'GET' ? await c.req.text() : '';
    const entry = requests.add({ at: clock.now(), host, method, path, query: c.req.query(), body, status: 0 });
    const handle = async (): Promise<Response> => {
      await next();
      if (method !== 'GET' || host === 'accounts') await options.afterChange();
      return c.res;
    };
    if (!fault) {
      await handle();
    } else {
      entry.fault = fault.kind;
      const spoilt = await spoil(fault, c.env, handle);
      c.res = undefined;
      c.res = spoilt;
    }
    const silent = fault !== undefined && ['reset', 'timeout', 'cut'].some((word) => fault.kind.startsWith(word));
    entry.status = silent ? 0 : c.res.status;
    if (options.recordBodies && !fault) entry.response = await c.res.clone().text();
    log.debug('call', { method, path: `${prefix}${path}`, status: entry.status, fault: fault?.kind });
  };
}
