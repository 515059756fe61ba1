"use client";

import { useEffect } from "react";

/**
 * Brings the part of a page that a link names into view once it is there: what came later than the page itself (its loading view
 * was shown first) is missed by the browser. `shows` tells one content of it from another.
 */
export function Arrive({ id, shows }: Readonly<{ id: string; shows: string }>) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another content is another arrival
  useEffect(() => {
    if (window.location.hash === `#${id}`) document.getElementById(id)?.scrollIntoView();
  }, [id, shows]);
  return null;
}
