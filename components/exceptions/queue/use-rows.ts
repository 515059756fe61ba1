"use client";

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { showToast } from "@/components/ui/toast-store";
import type { ExceptionsView } from "@/lib/exceptions/loaders";

export type QueueRow = ExceptionsView["rows"][number];
type Page = Readonly<{ rows: readonly QueueRow[]; next: string | null }>;
/** What is loaded so far, of which address, and from which first page of the server it was begun. */
type Loaded = Page & Readonly<{ address: string; first: readonly QueueRow[] }>;

/** Rows that are fetched at once while somebody scrolls, and when what was loaded is loaded again. */
const STEP = 200;
const AGAIN = 500;

/** The rows of the queue: the server's first page, and what was scrolled to since. */
export type Rows = Readonly<{
  rows: readonly QueueRow[];
  /** there are more after these */
  hasMore: boolean;
  more: () => void;
  /** what is loaded is not so any more: the next answer of the server has all of it loaded again */
  expire: () => void;
}>;

/**
 * @param first the first page, as the server gives it
 * @param reach how many of the rows somebody has gone through: so many are there again at once when the list is made anew
 * @param address filter and sort as an address says them, with the entity: of another address nothing is kept
 */
export function useRows(
  first: readonly QueueRow[],
  next: string | null,
  address: string,
  reach: RefObject<number>,
): Rows {
  const [loaded, setLoaded] = useState<Loaded>({ rows: first, next, address, first });
  const latest = useRef(loaded);
  const isLoading = useRef(false);
  const isExpired = useRef(false);
  const put = useCallback((to: Loaded) => {
    latest.current = to;
    setLoaded(to);
  }, []);

  useEffect(() => {
    const now = latest.current;
    if (now.first === first) return;
    const begun: Loaded = { rows: first, next, address, first };
    if (now.address !== address || now.rows.length <= first.length || next === null) {
      isExpired.current = false;
      put(begun);
      return;
    }
    if (!isExpired.current && isSame(now.first, first)) {
      put({ ...now, first });
      return;
    }
    isExpired.current = false;
    const wanted = Math.min(reach.current, now.rows.length);
    if (wanted <= first.length) {
      put(begun);
      return;
    }
    // The rows that somebody is among stay in sight until as many are there again.
    latest.current = { ...now, first };
    fill(begun, wanted)
      .then((full) => {
        if (latest.current.first === first) put(full);
      })
      .catch(() => {
        put(begun);
        sayLost();
      });
  }, [first, next, address, put, reach]);

  const more = useCallback(() => {
    const from = latest.current;
    if (isLoading.current || from.next === null) return;
    isLoading.current = true;
    fetchPage(from.address, from.next, STEP)
      .then((page) => {
        // Meanwhile the list may have become another.
        if (latest.current === from) put({ ...from, rows: [...from.rows, ...page.rows], next: page.next });
      })
      .catch(sayLost)
      .finally(() => {
        isLoading.current = false;
      });
  }, [put]);

  return {
    rows: loaded.address === address ? loaded.rows : first,
    hasMore: (loaded.address === address ? loaded.next : next) !== null,
    more,
    expire: () => {
      isExpired.current = true;
    },
  };
}

const sayLost = () =>
  showToast({
    tone: "attention",
    text: "Further rows could not be loaded. What is shown is right; scroll on to try again.",
  });

/** Loads on until so many rows are there, or all. */
async function fill(from: Loaded, wanted: number): Promise<Loaded> {
  let now = from;
  while (now.next !== null && now.rows.length < wanted) {
    const page = await fetchPage(now.address, now.next, AGAIN);
    now = { ...now, rows: [...now.rows, ...page.rows], next: page.next };
  }
  return now;
}

async function fetchPage(address: string, after: string, size: number): Promise<Page> {
  const params = new URLSearchParams(address);
  params.set("after", after);
  params.set("size", String(size));
  const answer = await fetch(`/api/exceptions/rows?${params}`);
  if (!answer.ok) throw new Error(`the queue answered ${answer.status}`);
  return revived(await answer.json());
}

/** Amounts come as integer texts and moments as ISO texts: this is the same build's own answer. */
const revived = ({ rows, next }: WirePage): Page => ({
  rows: rows.map((row) => ({
    ...row,
    net: BigInt(row.net),
    tax: BigInt(row.tax),
    gross: BigInt(row.gross),
    extent: BigInt(row.extent),
    firstSeenAt: new Date(row.firstSeenAt),
  })),
  next,
});
type Amounts = "net" | "tax" | "gross" | "extent";
type WirePage = Readonly<{
  rows: readonly (Omit<QueueRow, Amounts | "firstSeenAt"> &
    Readonly<Record<Amounts | "firstSeenAt", string>>)[];
  next: string | null;
}>;

const isSame = (a: readonly QueueRow[], b: readonly QueueRow[]): boolean =>
  a.length === b.length && a.every((row, at) => row.id === b[at]?.id && row.version === b[at]?.version);
