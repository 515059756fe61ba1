/** Which texts were there before, at eight bytes each instead of a text's hundred: millions of document numbers fit. */
export type Seen = Readonly<{
  /** true where the text was added, or (1 in 2^64) another one with the same hash */
  has(text: string): boolean;
  add(text: string): void;
}>;

/** An empty set. Open addressing over two 32-bit halves of a hash; grows at half full. */
export function createSeen(): Seen {
  let size = 1 << 12;
  let count = 0;
  let slots = new Uint32Array(size * 2);
  const place = (high: number, low: number): number => {
    let at = low & (size - 1);
    for (;;) {
      const [first, second] = [slots[at * 2], slots[at * 2 + 1]];
      if ((first === 0 && second === 0) || (first === high && second === low)) return at;
      at = (at + 1) & (size - 1);
    }
  };
  const put = (high: number, low: number): void => {
    const at = place(high, low);
    if (slots[at * 2] !== 0 || slots[at * 2 + 1] !== 0) return;
    slots[at * 2] = high;
    slots[at * 2 + 1] = low;
    count += 1;
  };
  const grow = (): void => {
    const old = slots;
    size *= 2;
    count = 0;
    slots = new Uint32Array(size * 2);
    for (let at = 0; at < old.length; at += 2) {
      const [high = 0, low = 0] = [old[at], old[at + 1]];
      if (high !== 0 || low !== 0) put(high, low);
    }
  };
  return {
    has(text) {
      const [high, low] = halves(text);
      const at = place(high, low);
      return slots[at * 2] === high && slots[at * 2 + 1] === low;
    },
    add(text) {
      if (count * 2 >= size) grow();
      const [high, low] = halves(text);
      put(high, low);
    },
  };
}

/** cyrb53's two halves (public domain, by bryc): well mixed, a few nanoseconds a character. Never both zero. */
function halves(text: string): readonly [number, number] {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return [high >>> 0, low >>> 0 || 1];
}
