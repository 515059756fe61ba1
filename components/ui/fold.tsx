"use client";

import { type ReactNode, useEffect, useRef } from "react";

/**
 * A part of a page that is folded until somebody opens it, or follows a link to it. Its state can be read while it is folded;
 * what is folded is not printed.
 */
export function Fold({
  id,
  title,
  state,
  open = false,
  children,
}: Readonly<{
  id: string;
  title: string;
  /** what is said of it while it is folded */
  state: ReactNode;
  /** whether it begins unfolded */
  open?: boolean;
  children: ReactNode;
}>) {
  const fold = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const follow = () => {
      const target = decodeURIComponent(window.location.hash.slice(1));
      const place = target === "" ? null : document.getElementById(target);
      if (!fold.current || !place || !(place === fold.current || fold.current.contains(place))) return;
      fold.current.open = true;
      place.scrollIntoView();
    };
    follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return (
    <details
      ref={fold}
      id={id}
      open={open}
      className="min-w-0 below-head rounded-lg border border-line bg-surface"
    >
      <summary className="cursor-pointer px-4 py-2.5">
        <h2 className="inline font-semibold text-base">{title}</h2>{" "}
        <span className="text-sm text-soft">{state}</span>
      </summary>
      <div className="flex flex-col gap-4 border-line border-t p-4">{children}</div>
    </details>
  );
}
