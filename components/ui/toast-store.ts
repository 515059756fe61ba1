import type { Tone } from "./tone";

/** A sentence that appears at the edge of the screen and is read out. */
export type Toast = Readonly<{ id: number; tone: Tone; text: string }>;

const SHOWN_MILLISECONDS = 6000;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function replace(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says a sentence; it goes by itself, unless it says that something is broken. */
export function showToast({ tone, text }: Readonly<{ tone: Tone; text: string }>): void {
  lastId += 1;
  const id = lastId;
  replace([...toasts, { id, tone, text }]);
  if (tone !== "broken") setTimeout(() => dismissToast(id), SHOWN_MILLISECONDS);
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
