/** A seeded source of choices: the same seed gives the same choices in the same order, on any machine. */
export type Random = {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number, both ends included. */
  integer(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
};

type SeedPart = string | number;

/** 32-bit FNV-1a with a final mix, so that neighbouring seeds give unrelated states. */
function hash(text: string, start: number): number {
  let state = (0x811c9dc5 ^ start) >>> 0;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b) >>> 0;
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35) >>> 0;
  return (state ^ (state >>> 16)) >>> 0;
}

/** A generator (sfc32) of its own for every purpose, so that adding a choice in one place moves no other. */
export function makeRandom(...seed: SeedPart[]): Random {
  const text = seed.join("/");
  let [a, b, c, count] = [hash(text, 1), hash(text, 2), hash(text, 3), 1];
  const next = (): number => {
    const sum = (a + b + count) >>> 0;
    count = (count + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum / 4294967296;
  };
  for (let round = 0; round < 12; round += 1) next();
  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[integer(0, choices.length - 1)] ?? choices[0],
  };
}

/** Lower-case hexadecimal text of the given length that follows from the seed. */
export function makeHex(length: number, ...seed: SeedPart[]): string {
  const text = seed.join("/");
  let hex = "";
  for (let block = 0; hex.length < length; block += 1) {
    hex += hash(text, 101 + block)
      .toString(16)
      .padStart(8, "0");
  }
  return hex.slice(0, length);
}

/** A GUID in the form Business Central shows, following from the seed. */
export function makeGuid(...seed: SeedPart[]): string {
  const hex = makeHex(32, "guid", ...seed);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
