"use client";

import { type KeyboardEvent, useEffect, useId, useState, useSyncExternalStore } from "react";
import { cx } from "@/components/ui/class-names";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { KeyCap } from "@/components/ui/key-cap";
import { closePalette, openPalette, type PaletteItem, paletteStore } from "@/components/ui/palette-store";

/** ⌘K or Ctrl K, on every page: what the page adds, and `places` to go to. */
export function Palette({ places }: Readonly<{ places: readonly PaletteItem[] }>) {
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
      onClose={() => {
        closePalette();
        page?.closed();
      }}
    />
  );
}

/** Finds a command, a view or a page by a few letters of its name; arrows choose, Enter does it. */
function PaletteDialog({
  items: all,
  onClose,
}: Readonly<{ items: readonly PaletteItem[]; onClose: () => void }>) {
  const listId = useId();
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const asked = words.toLowerCase().split(/\s+/).filter(Boolean);
  const items = all.filter(({ label }) => asked.every((word) => label.toLowerCase().includes(word)));
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
        label="What do you want to do, or where do you want to go?"
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
      <div id={listId} role="listbox" aria-label="Commands, views and pages" className="mt-2 flex flex-col">
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
            {item.label}
            {item.key && <KeyCap>{item.key}</KeyCap>}
          </div>
        ))}
      </div>
      <p role="status" className="text-sm text-soft">
        {items.length === 0 ? "Nothing goes by that." : ""}
      </p>
    </Dialog>
  );
}
