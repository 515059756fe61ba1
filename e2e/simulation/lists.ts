import type { Faults } from "./faults";

/** A record of a list, with what it is known by and when it last changed. */
export type Listed = Readonly<{ id: string; changedAt: number; json: unknown }>;
export type ListPage = Readonly<{ records: readonly Listed[]; next: string | null }>;

/** A page that is handed out in another's place: what it shows, and where the list goes on after it. */
type Detour = Readonly<{ from: string | null; next: string | null }>;

/** A source's lists, in the small pages and with the faults of its seed. Outlives the processes that read it. */
export type Lists = Readonly<{
  /** ids of records that a page held which was never handed out */
  dropped: Set<string>;
  page(all: readonly Listed[], cursor: string | null, size: number, place: string, at: number): ListPage;
}>;

/** What is committed at the source so late that a list does not show it yet: less than the overlap that is read again. */
const LATE_MILLISECONDS = 9 * 60_000;

/**
 * Lists in order of change or, where the seed says so, in order of identity: a source promises neither. A cursor names the
 * last record that was seen.
 */
export function makeLists(faults: Faults, byChange: boolean): Lists {
  const detours = new Map<string, Detour>();
  const dropped = new Set<string>();
  let made = 0;

  const keyOf = (one: Listed): string =>
    byChange ? `${String(one.changedAt).padStart(15, "0")}|${one.id}` : one.id;

  function plain(all: readonly Listed[], from: string | null, size: number): ListPage {
    const sorted = [...all].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const rest = from === null ? sorted : sorted.filter((one) => keyOf(one) > from);
    const records = rest.slice(0, size);
    const last = records.at(-1);
    return { records, next: last && rest.length > size ? keyOf(last) : null };
  }

  function detour(to: Detour): string {
    made += 1;
    const token = `detour-${made}`;
    detours.set(token, to);
    return token;
  }

  return {
    dropped,
    page(listed, cursor, size, place, at) {
      const all = listed.filter(
        ({ id, changedAt }) =>
          changedAt <= at - LATE_MILLISECONDS ||
          !faults.strike("record committed late", `${id} of ${changedAt}`, 0.5),
      );
      const around = cursor === null ? undefined : detours.get(cursor);
      if (around) return { ...plain(all, around.from, size), next: around.next };
      const page = plain(all, cursor, size);
      if (page.next === null) return page;
      if (faults.strike("page repeated", place))
        return { ...page, next: detour({ from: cursor, next: page.next }) };
      const after = plain(all, page.next, size);
      if (faults.strike("pages reordered", place))
        return {
          records: [...after.records].reverse(),
          next: detour({ from: cursor, next: after.next }),
        };
      if (faults.strike("page dropped", place)) {
        for (const { id } of after.records) dropped.add(id);
        return { ...page, next: after.next };
      }
      return page;
    },
  };
}
