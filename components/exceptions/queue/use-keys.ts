"use client";

import { useEffect, useRef, useSyncExternalStore } from "react";
import { commandOf, type QueueCommand, takesLetters } from "./keys";

const STORED = "queue-keys";
const listeners = new Set<() => void>();

/** Whether single keys are commands: remembered in this browser, since people who speak to their machine need them off. */
export function useSingleKeys(): readonly [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => localStorage.getItem(STORED) !== "off",
    () => true,
  );
  const set = (next: boolean) => {
    localStorage.setItem(STORED, next ? "on" : "off");
    for (const listener of listeners) listener();
  };
  return [on, set];
}

/** Runs commands by key, wherever on the page the focus is but in fields and dialogs. */
export function useQueueKeys(run: (command: QueueCommand) => void, singleKeys: boolean): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const { target } = event;
      if (event.key === "Escape" && target instanceof HTMLInputElement && target.type === "search") {
        // Back to the list, so that keys are commands again.
        target.blur();
        return;
      }
      const command = commandOf(event, singleKeys);
      if (command === null || takesLetters(target)) return;
      event.preventDefault();
      latest.current(command);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [singleKeys]);
}
