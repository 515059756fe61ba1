"use client";

import { type ReactNode, useLayoutEffect, useRef } from "react";

/**
 * The frame of a record beside its list: it stays beside it, below what sticks to the top of the page, and scrolls by itself, so
 * that the list stays in sight however long the record is.
 */
export function PanelFrame({ children }: Readonly<{ children: ReactNode }>) {
  const frame = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const head = document.querySelector<HTMLElement>("[data-page-head]");
    const measure = () => frame.current?.style.setProperty("--page-head", `${head?.offsetHeight ?? 0}px`);
    measure();
    if (head === null) return;
    const watcher = new ResizeObserver(measure);
    watcher.observe(head);
    return () => watcher.disconnect();
  }, []);
  return (
    <aside
      ref={frame}
      aria-label="Selected record"
      className="flex min-w-0 flex-col border-line bg-surface lg:sticky lg:top-[var(--page-head,6rem)] lg:h-[calc(100dvh-var(--page-head,6rem))] lg:w-[34rem] lg:shrink-0 lg:self-start lg:overflow-y-auto lg:border-l lg:[&_[id]]:scroll-mt-14 max-lg:fixed max-lg:inset-0 max-lg:z-40 max-lg:overflow-y-auto print:h-auto print:overflow-visible"
    >
      {children}
    </aside>
  );
}
