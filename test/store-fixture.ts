import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../src/store/connect.ts';

/** A migrated, empty store that a test may fill; `await using` or `close()` removes it. */
export type TestStore = Store & AsyncDisposable & { readonly dataDir: string };

export async function openTestStore(): Promise<TestStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'segue-test-'));
  const store = await openStore({ dataDir });
  const close = async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { ...store, dataDir, close, [Symbol.asyncDispose]: close };
}
