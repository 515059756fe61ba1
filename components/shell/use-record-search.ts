"use client";

import { useEffect, useState } from "react";
import type { FoundRecords } from "@/lib/search/found";
import { LEAST_LETTERS } from "@/lib/search/schema";

/** How long after the last letter it is searched. */
const PAUSE_MS = 180;

/** What a search is at. `found` stays those of the letters before until there are others. */
export type RecordSearchState = Readonly<{
  found: FoundRecords | null;
  /** the letters that `found` is of */
  of: string;
  state: "idle" | "searching" | "found" | "failed";
}>;

const IDLE: RecordSearchState = { found: null, of: "", state: "idle" };

/** Finds records while somebody types; an answer to letters that are not wanted any more is dropped. */
export function useRecordSearch(words: string): RecordSearchState {
  const text = words.trim();
  const [search, setSearch] = useState<RecordSearchState>(IDLE);
  useEffect(() => {
    if (text.length < LEAST_LETTERS) {
      setSearch(IDLE);
      return;
    }
    const stop = new AbortController();
    setSearch((now) => ({ ...now, state: "searching" }));
    const timer = setTimeout(() => {
      fetch(`/api/search?q=${encodeURIComponent(text)}`, { signal: stop.signal })
        .then(async (answer) => {
          if (!answer.ok) throw new Error(`the search answered ${answer.status}`);
          const found = (await answer.json()) as FoundRecords;
          if (!stop.signal.aborted) setSearch({ found, of: text, state: "found" });
        })
        .catch(() => {
          if (!stop.signal.aborted) setSearch({ found: null, of: text, state: "failed" });
        });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return search;
}
