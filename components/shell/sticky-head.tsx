"use client";

import { type ReactNode, useEffect, useRef } from "react";

/**
 * What sticks to the top of a page. How high it is becomes `--head`, so that a part of the page that is jumped to stops below it,
 * however many strips and lines it has.
 */
export function StickyHead({ className, children }: Readonly<{ className: string; children: ReactNode }>) {
  const head = useRef<HTMLElement>(null);
  useEffect(() => {
    const bar = head.current;
    if (!bar) return;
    const root = document.documentElement;
    const measure = () => {
      const sticks = getComputedStyle(bar).position === "sticky";
      root.style.setProperty("--head", `${sticks ? Math.ceil(bar.getBoundingClientRect().height) : 40}px`);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(bar);
    return () => {
      observer.disconnect();
      root.style.removeProperty("--head");
    };
  }, []);
  return (
    <section ref={head} aria-label="Books shown" data-page-head className={className}>
      {children}
    </section>
  );
}
