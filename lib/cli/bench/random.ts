/** Deterministic numbers: the same seed, the same file on every machine. Mulberry32. */
export type Random = Readonly<{
  /** a whole number from 0 to below `limit` */
  below(limit: number): number;
  /** true in `percent` of 100 cases */
  chance(percent: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}>;

/** A source of numbers of its own for each seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (percent) => next() * 100 < percent,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
  };
}
