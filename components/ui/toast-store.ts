import type { Tone } from "./tone";

/** A sentence that appears at the edge of the screen and is read out. */
export type Toast = Readonly<{ id: number; tone: Tone; text: string }>;

const SHOWN_MILLISECONDS = 6000;
/** What is broken stays longer: it has to be read. The form that it is about says it, too. */
const BROKEN_MILLISECONDS = 20_000;
/** More are not shown at once: the oldest goes. */
const MOST = 3;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function replace(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says a sentence, once; it goes by itself, what is broken later. Answers its id, to dismiss it by. */
export function showToast({ tone, text }: Readonly<{ tone: Tone; text: string }>): number {
  lastId += 1;
  const id = lastId;
  replace([...toasts.filter((toast) => toast.text !== text), { id, tone, text }].slice(-MOST));
  setTimeout(() => goOn(id), tone === "broken" ? BROKEN_MILLISECONDS : SHOWN_MILLISECONDS);
  return id;
}

/** While one is pointed at or has the focus none goes. */
let isHeld = false;
const due = new Set<number>();

function goOn(id: number): void {
  if (isHeld) due.add(id);
  else dismissToast(id);
}

export function holdToasts(held: boolean): void {
  isHeld = held;
  if (held) return;
  for (const id of due) dismissToast(id);
  due.clear();
}

export function dismissToast(id: number): void {
  replace(toasts.filter((toast) => toast.id !== id));
}

/** For `useSyncExternalStore`. */
export const toastStore = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  current: (): readonly Toast[] => toasts,
};
