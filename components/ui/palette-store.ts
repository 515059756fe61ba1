/** Something that the palette finds: a command, a view, a page or a record; `detail` tells it from others. */
export type PaletteItem = Readonly<{
  id: string;
  label: string;
  detail?: string;
  key?: string;
  pick: () => void;
}>;

/** What the page that is shown adds to the palette; `closed` is told when nothing was picked, to give the focus back. */
export type PalettePage = Readonly<{ items: () => readonly PaletteItem[]; closed: () => void }>;

let state: Readonly<{ isOpen: boolean; page: PalettePage | null }> = { isOpen: false, page: null };
const listeners = new Set<() => void>();

function replace(next: typeof state): void {
  state = next;
  for (const listener of listeners) listener();
}

export const openPalette = (): void => replace({ ...state, isOpen: true });
export const closePalette = (): void => replace({ ...state, isOpen: false });

/** Adds a page's own items for as long as it is shown; answers what takes them out again. */
export function addToPalette(page: PalettePage): () => void {
  replace({ ...state, page });
  return () => {
    if (state.page === page) replace({ ...state, page: null });
  };
}

/** For `useSyncExternalStore`. */
export const paletteStore = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  current: () => state,
};
