"use client";

import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useRef,
  useState,
} from "react";
import { cx } from "./class-names";

/** A button that opens a few further things to do. Escape closes it, and so does leaving it or following a link in it. */
export function Menu({
  label,
  button,
  align = "end",
  side = "bottom",
  children,
}: Readonly<{
  label: string;
  button: ReactNode;
  align?: "start" | "end";
  side?: "top" | "bottom";
  children: ReactNode;
}>) {
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    setOpen(false);
    opener.current?.focus();
  };
  const closeOnLeaving = (event: FocusEvent<HTMLDivElement>) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  };
  const closeOnGoing = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest("a")) setOpen(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for what bubbles up from the controls inside
    <div className="relative" onKeyDown={closeOnEscape} onBlur={closeOnLeaving} onClick={closeOnGoing}>
      <button
        ref={opener}
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="fade flex w-full items-center gap-2 rounded-md p-1.5 text-left text-sm hover:bg-hover"
      >
        <span className="sr-only">{label} </span>
        {button}
      </button>
      {open && (
        // Takes the focus of a click on its plain parts, so that such a click does not count as leaving.
        <div
          tabIndex={-1}
          className={cx(
            "outline-none absolute z-40 min-w-56 rounded-md border border-line bg-raised p-1 shadow-float",
            align === "end" ? "right-0" : "left-0",
            side === "top" ? "bottom-full mb-1" : "top-full mt-1",
          )}
        >
          {children}
        </div>
      )}
    </div>
  );
}
