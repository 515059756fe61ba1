"use client";

import { X } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { cx } from "./class-names";
import { dismissToast, holdToasts, type Toast, toastStore } from "./toast-store";
import { inkTone } from "./tone";
import { ToneIcon } from "./tone-icon";

const NONE: readonly Toast[] = [];

/**
 * Where sentences from `showToast` appear; once, in the frame. It has a place of its own under the page, which it takes only while
 * it says something: what it would cover can be scrolled free of it. Escape takes the last sentence away.
 */
export function ToastRegion() {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.current, () => NONE);
  const last = toasts.at(-1)?.id;
  useEffect(() => {
    if (last === undefined) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]"))
        dismissToast(last);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [last]);
  return (
    <div
      role="status"
      onPointerEnter={() => holdToasts(true)}
      onPointerLeave={() => holdToasts(false)}
      onFocus={() => holdToasts(true)}
      onBlur={() => holdToasts(false)}
      aria-live="polite"
      data-screen-only
      className={cx(
        "pointer-events-none sticky bottom-0 z-50 flex flex-col items-end gap-2 px-4 max-md:bottom-16 print:hidden",
        toasts.length > 0 && "py-3",
      )}
    >
      {toasts.map(({ id, tone, text }) => (
        <div
          key={id}
          className="pointer-events-auto flex max-w-md items-start gap-2 rounded-md border border-line bg-raised px-3 py-2 text-sm shadow-float"
        >
          <span className={cx("mt-0.5", inkTone[tone])}>
            <ToneIcon tone={tone} size={16} />
          </span>
          <p className="flex-1">{text}</p>
          <button
            type="button"
            aria-label="Dismiss"
            onClick={() => dismissToast(id)}
            className="-mr-1 rounded p-1 text-soft hover:bg-hover hover:text-ink"
          >
            <X aria-hidden size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
