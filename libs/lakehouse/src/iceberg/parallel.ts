/** Files that are read, synced or removed at a time. */
const AT_A_TIME_MAX = 8;

/** Results in the order of the items. At the first failure no further item is begun. */
export async function eachOf<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const all = [...items];
  const results: Result[] = [];
  for (let from = 0; from < all.length; from += AT_A_TIME_MAX) {
    results.push(...(await Promise.all(all.slice(from, from + AT_A_TIME_MAX).map(work))));
  }
  return results;
}
