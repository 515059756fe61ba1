"use client";

import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";

/**
 * Something to fill in or to read over the page, shown as long as it is rendered. Its first field has the focus; Escape,
 * the cross and a click beside it close it, Ctrl or ⌘ with Enter sends its form. Whoever opens it gives the focus back in `onClose`.
 */
export function Dialog({
  title,
  onClose,
  children,
}: Readonly<{ title: ReactNode; onClose: () => void; children: ReactNode }>) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const shown = dialog.current;
    if (!shown || shown.open) return;
    shown.showModal();
    shown
      .querySelector<HTMLElement>("[data-dialog-body] :is(input:not([type=hidden]), select, textarea)")
      ?.focus();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        dialog.current?.querySelector("form")?.requestSubmit();
      }}
      className="m-auto max-h-[85dvh] w-[min(36rem,calc(100vw-2rem))] overflow-y-auto rounded-lg border border-line bg-surface p-0 text-ink shadow-float backdrop:bg-black/40"
    >
      <div className="flex items-center justify-between gap-2 border-line border-b px-4 py-2.5">
        <h2 id={heading} className="min-w-0 font-semibold text-base">
          {title}
        </h2>
        <button
          type="button"
          aria-label="Close"
          onClick={onClose}
          className="rounded p-1.5 text-soft hover:bg-hover hover:text-ink"
        >
          <X aria-hidden size={16} />
        </button>
      </div>
      <div data-dialog-body className="p-4">
        {children}
      </div>
    </dialog>
  );
}
