"use client";

import { useEffect } from "react";

/** How long what is around a place may still get its height, in milliseconds. */
const SETTLES = 2000;
const MOVES = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

/**
 * Brings the part of the page that the address names to the top, once what the page is made of is there: the browser looks for it
 * while a skeleton still stands in its place. What is folded around it is opened. While charts get their heights it is kept there,
 * until the reader moves. It belongs into what is loaded, not into what is shown meanwhile;
 * a `key` of what the place shows has it followed again when that is another.
 */
export function FollowMark() {
  useEffect(() => {
    const follow = () => {
      const place = markedPlace();
      if (place === null) return false;
      for (let fold = place.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null)
        fold.open = true;
      place.scrollIntoView();
      return true;
    };
    if (!follow()) return;
    const settling = new ResizeObserver(() => follow());
    const stop = () => {
      settling.disconnect();
      window.clearTimeout(timer);
      for (const name of MOVES) window.removeEventListener(name, stop);
    };
    const timer = window.setTimeout(stop, SETTLES);
    for (const name of MOVES) window.addEventListener(name, stop, { passive: true });
    settling.observe(document.getElementById("content") ?? document.body);
    return stop;
  }, []);
  return null;
}

/** The part that the address names; null where it names none, or none that is there. */
function markedPlace(): HTMLElement | null {
  const mark = window.location.hash.slice(1);
  if (mark === "") return null;
  try {
    return document.getElementById(decodeURIComponent(mark));
  } catch {
    // What somebody typed need not be well-formed.
    return null;
  }
}
