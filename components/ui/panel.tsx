import { X } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { PanelFrame } from "./panel-frame";

/** One record beside the list it comes from; on a phone it is the page. The cross leads back to the list. */
export function Panel({
  title,
  closeHref,
  actions,
  children,
}: Readonly<{ title: ReactNode; closeHref: string; actions?: ReactNode; children: ReactNode }>) {
  return (
    <PanelFrame>
      <header className="sticky top-0 z-10 flex items-center justify-between gap-2 border-line border-b bg-surface px-4 py-2.5">
        <h2 className="min-w-0 truncate font-semibold text-base">{title}</h2>
        <div className="flex items-center gap-2">
          {actions}
          <Link
            href={closeHref as Route}
            aria-label="Close the record"
            className="rounded p-1.5 text-soft hover:bg-hover hover:text-ink"
          >
            <X aria-hidden size={16} />
          </Link>
        </div>
      </header>
      <div className="flex flex-col gap-4 p-4">{children}</div>
    </PanelFrame>
  );
}
