"use client";

import { type KeyboardEvent, useEffect, useId, useState, useSyncExternalStore } from "react";
import { cx } from "@/components/ui/class-names";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { KeyCap } from "@/components/ui/key-cap";
import { closePalette, openPalette, type PaletteItem, paletteStore } from "@/components/ui/palette-store";
import type { FoundRecord } from "@/lib/search/found";
import { LEAST_LETTERS } from "@/lib/search/schema";
import { type RecordSearchState, useRecordSearch } from "./use-record-search";

/** ⌘K or Ctrl K, on every page: what the page adds, `places` to go to, and records that are searched for. */
export function Palette({
  places,
  onGo,
}: Readonly<{ places: readonly PaletteItem[]; onGo: (href: string) => void }>) {
  const { isOpen, page } = useSyncExternalStore(
    paletteStore.subscribe,
    paletteStore.current,
    paletteStore.current,
  );
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      const isAsked = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
      if (!isAsked || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      openPalette();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  if (!isOpen) return null;
  return (
    <PaletteDialog
      items={[...(page?.items() ?? []), ...places]}
      onGo={onGo}
      onClose={() => {
        closePalette();
        page?.closed();
      }}
    />
  );
}

const kinds: Readonly<Record<FoundRecord["kind"], string>> = {
  order: "Order",
  document: "Document",
  exception: "Exception",
};

/** Finds a command, a view, a page or a record by a few letters; arrows choose, Enter does it. */
function PaletteDialog({
  items: all,
  onGo,
  onClose,
}: Readonly<{
  items: readonly PaletteItem[];
  onGo: (href: string) => void;
  onClose: () => void;
}>) {
  const listId = useId();
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const asked = words.toLowerCase().split(/\s+/).filter(Boolean);
  const search = useRecordSearch(words);
  const named = all.filter(({ label }) => asked.every((word) => label.toLowerCase().includes(word)));
  const records = (search.found?.records ?? []).map(
    (record): PaletteItem => ({
      id: `${record.kind} ${record.id}`,
      label: record.label,
      detail: joined([kinds[record.kind], record.detail]),
      pick: () => onGo(record.href),
    }),
  );
  // A number is a record's: commands have none.
  const items = /\d/.test(words) ? [...records, ...named] : [...named, ...records];
  const current = Math.min(at, items.length - 1);
  const pick = (item: PaletteItem | undefined) => {
    if (!item) return;
    onClose();
    item.pick();
  };
  const listen = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((current + step + items.length) % Math.max(1, items.length));
    }
    if (event.key === "Enter") {
      event.preventDefault();
      pick(items[current]);
    }
  };
  return (
    <Dialog title="Commands" onClose={onClose}>
      <TextField
        label="What do you want to do, or what are you looking for?"
        placeholder="A command, a page, an order, an invoice, an exception"
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={items[current] ? `${listId}-${current}` : undefined}
        autoComplete="off"
        value={words}
        onChange={({ target }) => {
          setWords(target.value);
          setAt(0);
        }}
        onKeyDown={listen}
      />
      <div id={listId} role="listbox" aria-label="Commands, pages and records" className="mt-2 flex flex-col">
        {items.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above it has the keys
          <div
            key={item.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            onClick={() => pick(item)}
            ref={(element) => {
              if (index === current) element?.scrollIntoView({ block: "nearest" });
            }}
            className={cx(
              "flex cursor-pointer items-center justify-between gap-3 rounded-md px-2 py-1.5 text-sm hover:bg-hover",
              index === current && "bg-selected",
            )}
          >
            <span className="min-w-0">
              <span className="block truncate">{item.label}</span>
              {item.detail && <span className="block truncate text-soft text-xs">{item.detail}</span>}
            </span>
            {item.key && <KeyCap>{item.key}</KeyCap>}
          </div>
        ))}
      </div>
      <p role="status" className="text-sm text-soft">
        {statusOf(words, search, items.length, records.length)}
      </p>
    </Dialog>
  );
}

const joined = (parts: readonly string[]): string => parts.filter(Boolean).join(" · ");

/** What the search is at, in words. */
function statusOf(words: string, search: RecordSearchState, shown: number, records: number): string {
  const among = search.found?.among ?? "";
  if (search.state === "failed")
    return "Records could not be searched just now: only commands and pages are shown. Type on to try again.";
  if (search.state === "searching") return "Searching…";
  if (search.state === "idle") {
    const isShort = words.trim().length > 0 && words.trim().length < LEAST_LETTERS;
    return isShort && shown === 0 ? "Type on: records are searched from two letters on." : "";
  }
  if (shown === 0) return `Nothing goes by that${among ? ` among commands, pages, ${among}` : ""}.`;
  return records === 0 ? `No record goes by that${among ? ` (${among})` : ""}.` : "";
}
