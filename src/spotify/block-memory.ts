/** A refusal of all calls that outlives the process. */
export interface Block {
  readonly kind: 'rate-limit' | 'quota';
  readonly blockedUntil: Date;
  /** One sentence for people. */
  readonly reason: string;
}

/** What is known of a developer account's dealings with Spotify. */
export interface CallRecord {
  /** The last block, over or not. */
  readonly block: Block | undefined;
  /** Calls in the 24 h before `now`, of all processes. */
  readonly callsInLastDay: number;
}

/** Where blocks and call counts are kept, so that they survive restarts and are shared by processes. The store implements it. */
export interface BlockMemory {
  load(clientId: string, now: Date): Promise<CallRecord>;
  save(clientId: string, block: Block, now: Date): Promise<void>;
  countCall(clientId: string, at: Date): Promise<void>;
}

const DAY_MS = 24 * 3_600_000;

/** A memory that ends with the process: for a first connection, before there is a store, and for tests. */
export function rememberInProcess(): BlockMemory {
  const blocks = new Map<string, Block>();
  let calls: { clientId: string; at: number }[] = [];
  return {
    load: async (clientId, now) => ({
      block: blocks.get(clientId),
      callsInLastDay: calls.filter((call) => call.clientId === clientId && call.at > now.getTime() - DAY_MS).length,
    }),
    save: async (clientId, block) => {
      blocks.set(clientId, block);
    },
    countCall: async (clientId, at) => {
      calls = calls.filter((call) => call.at > at.getTime() - DAY_MS);
      calls.push({ clientId, at: at.getTime() });
    },
  };
}
