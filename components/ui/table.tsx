import type { ComponentProps, ReactNode } from "react";
import { cx } from "./class-names";

/** A plain table of few rows, rendered on the server. For long, sorted or paged ones there is DataTable. */
export function Table({
  caption,
  showCaption = false,
  children,
}: Readonly<{ caption: string; showCaption?: boolean; children: ReactNode }>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
    <section aria-label={caption} tabIndex={0} className="relative overflow-x-auto">
      <table className="w-full border-collapse text-sm">
        <caption className={showCaption ? "px-3 py-2 text-left text-soft text-xs" : "sr-only"}>
          {caption}
        </caption>
        {children}
      </table>
    </section>
  );
}

type CellProps = Readonly<{ align?: "start" | "end" }>;

/** A column heading. `align="end"` for amounts and counts. */
export function Th({ align = "start", className, ...rest }: CellProps & Omit<ComponentProps<"th">, "align">) {
  return (
    <th
      scope="col"
      {...rest}
      className={cx(
        "h-8 border-line border-b bg-sunken px-3 font-medium text-soft text-xs whitespace-nowrap",
        align === "end" ? "text-right" : "text-left",
        className,
      )}
    />
  );
}

/** A cell. `align="end"` lines figures up. */
export function Td({ align = "start", className, ...rest }: CellProps & Omit<ComponentProps<"td">, "align">) {
  return (
    <td
      {...rest}
      className={cx(
        "h-(--row) border-line border-b px-3 py-1",
        align === "end" ? "figures text-right" : "text-left",
        className,
      )}
    />
  );
}

/** A row of sums under the rows it sums. */
export function TotalRow({ className, ...rest }: ComponentProps<"tr">) {
  return <tr {...rest} className={cx("bg-sunken font-semibold", className)} />;
}
