"use client";

import { type RefObject, useEffect, useRef, useState } from "react";

/** The row that keys act on: it is the one that had the focus last, and moving it moves the focus. */
export type Cursor = Readonly<{
  id: string | null;
  /** the same at this very moment, for a key that comes before the page has followed */
  now: () => string | null;
  /** one row on or back; answers the row it is at then, or null at the end of the page */
  move: (by: 1 | -1) => string | null;
  /** gives the focus back to the row, or to the one in its place; for after a dialog */
  restore: () => void;
  /** the same as soon as the list has changed, unless the focus is elsewhere by then; `from`: where it may still be */
  restoreWhenChanged: (from?: Element | null) => void;
  open: () => void;
}>;

const linkOf = (row: HTMLElement) => row.querySelector<HTMLElement>("[data-open]");

/** Follows the focus over the rows of `list`, which are `ids`; starts at the row that the panel shows. */
export function useCursor(
  list: RefObject<HTMLElement | null>,
  ids: readonly string[],
  selectedId: string | undefined,
  reveal: RefObject<((id: string) => void) | null>,
): Cursor {
  const [id, setId] = useState<string | null>(selectedId ?? null);
  const at = useRef(id);
  const place = useRef(0);
  const isWanted = useRef(false);
  const leaves = useRef<Element | null>(null);
  const known = useRef(ids);

  useEffect(() => {
    const host = list.current;
    const follow = (event: FocusEvent) => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row-id]") : null;
      const found = row?.dataset["rowId"];
      if (found === undefined) return;
      place.current = Math.max(0, known.current.indexOf(found));
      at.current = found;
      setId(found);
    };
    host?.addEventListener("focusin", follow);
    return () => host?.removeEventListener("focusin", follow);
  }, [list]);

  const focus = (to: string, again = 3): void => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>(`[data-row-id="${to}"]`) ?? [])];
    // A row is there twice, in the table and as a card: only one of them is seen.
    const seen = rows.find((row) => row.offsetParent !== null);
    if (seen === undefined && again > 0) {
      // It is not drawn: it is brought into sight first, and the focus follows.
      reveal.current?.(to);
      at.current = to;
      place.current = Math.max(0, known.current.indexOf(to));
      requestAnimationFrame(() => focus(to, again - 1));
      return;
    }
    const link = seen && linkOf(seen);
    link?.focus({ preventScroll: true });
    seen?.scrollIntoView({ block: "nearest" });
  };
  const restore = (): void => {
    const now = known.current;
    const held = at.current;
    const to = held !== null && now.includes(held) ? held : now[Math.min(place.current, now.length - 1)];
    if (to !== undefined) focus(to);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another list of rows is a change
  useEffect(() => {
    const before = known.current;
    known.current = ids;
    if (!isWanted.current) return;
    // The same rows drawn again are no change: what is waited for is still to come.
    if (before.length === ids.length && before.every((one, at) => one === ids[at])) return;
    isWanted.current = false;
    // Whoever has gone on elsewhere meanwhile keeps the focus there.
    const now = document.activeElement;
    if (now === null || now === document.body || now === leaves.current || list.current?.contains(now))
      restore();
  }, [ids]);

  return {
    id: id !== null && ids.includes(id) ? id : null,
    now: () => at.current,
    move: (by) => {
      const held = at.current;
      const from = held === null ? -1 : ids.indexOf(held);
      // Where the row has gone, the one in its place is the next.
      const to = from >= 0 ? from + by : held === null ? 0 : Math.min(place.current, ids.length - 1);
      const next = ids[to];
      if (next === undefined) return null;
      focus(next);
      return next;
    },
    restore,
    restoreWhenChanged: (from = null) => {
      isWanted.current = true;
      leaves.current = from;
    },
    open: () => {
      const held = at.current;
      const row = held === null ? null : list.current?.querySelector<HTMLElement>(`[data-row-id="${held}"]`);
      if (row) linkOf(row)?.click();
      else if (held !== null && ids.includes(held)) {
        focus(held);
        requestAnimationFrame(() => {
          if (document.activeElement instanceof HTMLElement && "open" in document.activeElement.dataset)
            document.activeElement.click();
        });
      }
    },
  };
}
