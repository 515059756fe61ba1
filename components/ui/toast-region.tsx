"use client";

import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { cx } from "./class-names";
import { dismissToast, type Toast, toastStore } from "./toast-store";
import { inkTone } from "./tone";
import { ToneIcon } from "./tone-icon";

const NONE: readonly Toast[] = [];

/** Where sentences from `showToast` appear; once, in the frame. */
export function ToastRegion() {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.current, () => NONE);
  return (
    <div
      role="status"
      aria-live="polite"
      data-screen-only
      className="fixed right-4 bottom-4 left-4 z-50 flex flex-col items-end gap-2 max-md:bottom-20 print:hidden pointer-events-none"
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
