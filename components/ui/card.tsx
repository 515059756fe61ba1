import type { ReactNode } from "react";
import { cx } from "./class-names";

/**
 * A part of a page with a heading of its own. `flush` lets a table reach its edges. With an `id` it can be linked to, and stops
 * below what sticks to the top of the page.
 */
export function Card({
  title,
  description,
  actions,
  flush = false,
  level = 2,
  id,
  className,
  children,
}: Readonly<{
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  level?: 2 | 3;
  id?: string;
  className?: string;
  children: ReactNode;
}>) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <section
      id={id}
      className={cx("min-w-0 rounded-lg border border-line bg-surface", id && "below-head", className)}
    >
      {(title || actions) && (
        <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-b px-4 py-2.5">
          <div className="min-w-0">
            {title && <Heading className="font-semibold text-base">{title}</Heading>}
            {description && <p className="text-sm text-soft">{description}</p>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={flush ? "overflow-clip rounded-b-lg" : "p-4"}>{children}</div>
    </section>
  );
}
