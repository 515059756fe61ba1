"use client";

import { useLayoutEffect } from "react";
import { preferenceScript } from "./preference-script";

/**
 * Runs the script of the document's head where the browser did not: a page that is refused or not there is made in the
 * browser, and a script that is made there is not run by itself.
 */
export function PreferenceGuard() {
  useLayoutEffect(() => {
    if (window.applyPreferences) return;
    const script = document.createElement("script");
    script.textContent = preferenceScript;
    document.head.append(script);
    script.remove();
  }, []);
  return null;
}
