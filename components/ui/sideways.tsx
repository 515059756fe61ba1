"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { cx } from "./class-names";

/**
 * Links in one line that scrolls sideways where there is no room. Where it goes on it fades, and an arrow says so and leads
 * there; the current link (`aria-current`) is brought into sight. The keyboard needs no arrows: it goes from link to link.
 */
export function Sideways({
  label,
  current,
  children,
}: Readonly<{
  label: string;
  /** changes when another link becomes the current one */
  current: string;
  children: ReactNode;
}>) {
  const nav = useRef<HTMLElement>(null);
  const [{ left, right }, setHidden] = useState({ left: false, right: false });
  const look = () => {
    const box = nav.current;
    if (!box) return;
    const next = {
      left: box.scrollLeft > 1,
      right: box.scrollLeft + box.clientWidth < box.scrollWidth - 1,
    };
    setHidden((now) => (now.left === next.left && now.right === next.right ? now : next));
  };
  const latest = useRef(look);
  useEffect(() => {
    latest.current = look;
    // Other links may need other room.
    look();
  });
  useEffect(() => {
    const watcher = new ResizeObserver(() => latest.current());
    if (nav.current) watcher.observe(nav.current);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    const box = nav.current;
    const link = current && box?.querySelector<HTMLElement>('[aria-current="page"]');
    if (!box || !link) return;
    const [from, to] = [link.offsetLeft, link.offsetLeft + link.offsetWidth];
    if (from < box.scrollLeft || to > box.scrollLeft + box.clientWidth)
      box.scrollLeft = (from + to - box.clientWidth) / 2;
  }, [current]);
  const go = (way: 1 | -1) =>
    nav.current?.scrollBy({ left: way * nav.current.clientWidth * 0.75, behavior: "smooth" });
  return (
    <div data-screen-only className="relative min-w-0 border-line border-b">
      <nav
        ref={nav}
        aria-label={label}
        onScroll={look}
        className={cx(
          "-mb-px flex scroll-px-10 gap-1 overflow-x-auto [scrollbar-width:none]",
          left &&
            right &&
            "[mask-image:linear-gradient(to_right,transparent_1.5rem,black_4rem,black_calc(100%-4rem),transparent_calc(100%-1.5rem))]",
          left && !right && "[mask-image:linear-gradient(to_right,transparent_1.5rem,black_4rem)]",
          right && !left && "[mask-image:linear-gradient(to_left,transparent_1.5rem,black_4rem)]",
        )}
      >
        {children}
      </nav>
      {left && <Arrow side="left" onClick={() => go(-1)} />}
      {right && <Arrow side="right" onClick={() => go(1)} />}
    </div>
  );
}

function Arrow({ side, onClick }: Readonly<{ side: "left" | "right"; onClick: () => void }>) {
  const Icon = side === "left" ? ChevronLeft : ChevronRight;
  return (
    <button
      type="button"
      aria-hidden
      tabIndex={-1}
      title={side === "left" ? "Further to the left" : "Further to the right"}
      // The focus stays where it is: the arrow is no stop of the keyboard.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onClick}
      className={cx(
        "absolute inset-y-0 flex w-7 items-center justify-center text-soft hover:text-ink",
        side === "left" ? "left-0" : "right-0",
      )}
    >
      <Icon aria-hidden size={16} />
    </button>
  );
}
