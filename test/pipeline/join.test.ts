import { expect, test } from 'vitest';
import { claimNext } from '../../src/pipeline/claim.ts';
import { settleAttempt } from '../../src/pipeline/end-attempt.ts';
import { startRun } from '../../src/pipeline/runs.ts';
import { describeEachStore } from '../store-fixture.ts';
import { makePipeline, makeTask, openTestEngine } from './engine-fixture.ts';

describeEachStore('branches that end at the same moment', (open) => {
  test('queue what joins them, once', async () => {
    await using store = await open();
    const branches = ['a', 'b', 'c', 'd'];
    const nodes = { a: [], b: [], c: [], d: [], join: branches };
    await using engine = await openTestEngine(
      store,
      Object.keys(nodes).map((name) => makeTask(name)),
      [makePipeline(nodes)],
    );
    for (let round = 0; round < 8; round++) {
      await startRun(engine, 'demo');
      const claims = await Promise.all(branches.map((name) => claimNext(engine, name)));
      expect(claims.map((claim) => claim?.task).sort()).toEqual(branches);
      await Promise.all(claims.map((claim) => settleAttempt(engine, claim!, { output: {} })));
      const join = await claimNext(engine, 'a worker');
      expect(join?.task).toBe('join');
      expect(await claimNext(engine, 'another')).toBeUndefined();
      await settleAttempt(engine, join!, { output: {} });
    }
  });
});
