// A process that publishes one edition, to be killed: node publish-child.ts '<json>'.
import { ManualClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { noProgress } from '../../src/base/progress.ts';
import { seededRandom } from '../../src/base/random.ts';
import { openStore } from '../../src/store/connect.ts';
import { publish } from '../../src/tasks/publish.ts';
import { connectTo } from './local-spotify.ts';

export interface ChildOrder {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  readonly apiUrl: string;
  readonly listenerId: number;
  readonly runKey: string;
  /** ISO 8601; the child's clock stands there and jumps when it sleeps. */
  readonly now: string;
}

const order: ChildOrder = JSON.parse(process.argv[2]!);
const clock = new ManualClock(new Date(order.now));
const store = await openStore(order);
const task = publish({
  store,
  spotify: connectTo(order.apiUrl, clock),
  listenerId: order.listenerId,
  settings: { mode: 'in-place', name: 'Segue Weekly', public: false, timeZone: 'UTC' },
});
await task.run(null, {
  runKey: order.runKey,
  attempt: 1,
  signal: new AbortController().signal,
  log: silentLog,
  progress: noProgress,
  clock,
  random: seededRandom(process.pid),
});
await store.close();
