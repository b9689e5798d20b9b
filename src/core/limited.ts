/**
 * Runs tasks side by side, at most `limit` at a time, taking the next from a source only when there is room.
 * After a failure no new one starts; the first error is thrown when all that run have ended.
 */
export async function runLimited<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  for await (const item of items) {
    const job = task(item)
      .catch((error) => {
        errors.push(error);
      })
      .finally(() => running.delete(job));
    running.add(job);
    if (running.size >= limit) await Promise.race(running);
    if (errors.length > 0) break;
  }
  await Promise.all(running);
  if (errors.length > 0) throw errors[0];
}
