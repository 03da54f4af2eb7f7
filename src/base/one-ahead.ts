/**
 * The same values, the next one being asked for while the consumer works on the current: reading and storing then run at
 * the same time. Whoever stops early waits until the one ahead is finished.
 */
export async function* oneAhead<Value>(values: AsyncGenerator<Value>): AsyncGenerator<Value> {
  let next = values.next();
  try {
    for (;;) {
      const current = await next;
      if (current.done) return;
      next = values.next();
      next.catch(() => {}); // Heard when its turn comes.
      yield current.value;
    }
  } finally {
    await next.catch(() => {});
    await values.return(undefined);
  }
}
