/** Something with a life: the instants at which it changes, oldest first. */
export type Living<T> = { id: string; events: readonly number[]; value: T };

export type Seen<T> = { id: string; changedAt: number; value: T };

/** What exists at an instant, in the order of last change, then of identity. */
export type Timeline<T> = (at: number) => readonly Seen<T>[];

/** Sorts the living things as of an instant, and remembers the answer until the next one of them changes. */
function makeTimeline<T>(all: readonly Living<T>[]): Timeline<T> {
  let known: { from: number; until: number; seen: readonly Seen<T>[] } | null = null;
  return (at) => {
    if (known && known.from <= at && at < known.until) return known.seen;
    const seen: Seen<T>[] = [];
    let until = Number.POSITIVE_INFINITY;
    for (const { id, events, value } of all) {
      let changedAt: number | null = null;
      for (const event of events) {
        if (event > at) {
          until = Math.min(until, event);
          break;
        }
        changedAt = event;
      }
      if (changedAt !== null) seen.push({ id, changedAt, value });
    }
    seen.sort((one, other) => one.changedAt - other.changedAt || (one.id < other.id ? -1 : 1));
    known = { from: at, until, seen };
    return seen;
  };
}

/** Living things of which one may be put in the place of another. */
export type Roll<T> = Readonly<{ seen: Timeline<T>; put(living: Living<T>): void; drop(id: string): void }>;

export function makeRoll<T>(all: readonly Living<T>[]): Roll<T> {
  const byId = new Map(all.map((living) => [living.id, living]));
  let timeline: Timeline<T> | null = null;
  return {
    seen(at) {
      timeline ??= makeTimeline([...byId.values()]);
      return timeline(at);
    },
    put(living) {
      byId.set(living.id, living);
      timeline = null;
    },
    drop(id) {
      byId.delete(id);
      timeline = null;
    },
  };
}

/** A place in a timeline as an opaque text. */
export function placeOf(seen: Seen<unknown>): string {
  return Buffer.from(`${seen.changedAt}|${seen.id}`).toString("base64url");
}

/** What comes after the place, or null when the text is no place. What changed since moves to the end and is never lost. */
export function after<T>(seen: readonly Seen<T>[], place: string): readonly Seen<T>[] | null {
  const [, changedAt, id] = /^(\d+)\|(.+)$/.exec(Buffer.from(place, "base64url").toString("utf8")) ?? [];
  if (changedAt === undefined || id === undefined) return null;
  const time = Number(changedAt);
  // Sorted as `makeTimeline` sorts: halving finds the place, however long the list.
  let [low, high] = [0, seen.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = seen[middle];
    if (one && (one.changedAt > time || (one.changedAt === time && one.id > id))) high = middle;
    else low = middle + 1;
  }
  return seen.slice(low);
}
