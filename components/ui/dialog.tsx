"use client";

import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";

/** A question that must be answered before anything else. Escape and the cross close it. */
export function Dialog({
  open,
  title,
  onClose,
  children,
}: Readonly<{ open: boolean; title: string; onClose: () => void; children: ReactNode }>) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // The browser's own dialog is outside React's state: showing it makes the rest of the page inert.
  useEffect(() => {
    const dialog = element.current;
    if (open && !dialog?.open) dialog?.showModal();
    if (!open && dialog?.open) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={element}
      aria-labelledby={titleId}
      onClose={onClose}
      className="m-auto w-[min(32rem,calc(100vw-2rem))] rounded-lg border border-line bg-raised p-0 text-ink shadow-float"
    >
      <header className="flex items-center justify-between border-line border-b px-4 py-2.5">
        <h2 id={titleId} className="font-semibold text-base">
          {title}
        </h2>
        <button
          type="button"
          aria-label="Close"
          onClick={onClose}
          className="-mr-1 rounded p-1.5 text-soft hover:bg-hover hover:text-ink"
        >
          <X aria-hidden size={16} />
        </button>
      </header>
      <div className="p-4">{children}</div>
    </dialog>
  );
}
