import type { ComponentProps, ReactNode } from "react";
import { cx } from "./class-names";

/** A plain table of few rows, rendered on the server. For long, sorted or paged ones there is DataTable. */
export function Table({
  caption,
  showCaption = false,
  stacked = false,
  children,
}: Readonly<{
  caption: string;
  showCaption?: boolean;
  /** on a phone each row is a block of lines, which its cells' `label` names; else it scrolls sideways */
  stacked?: boolean;
  children: ReactNode;
}>) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard
    <section aria-label={caption} tabIndex={0} className="relative overflow-x-auto">
      <table
        className={cx(
          "w-full border-collapse text-sm",
          stacked &&
            "max-md:block max-md:[&_tbody]:block max-md:[&_thead]:sr-only max-md:[&_tr]:block max-md:[&_tr]:border-line max-md:[&_tr]:border-b max-md:[&_tr]:py-2 max-md:[&_:is(td,th[scope=row])]:block max-md:[&_:is(td,th[scope=row])]:h-auto max-md:[&_:is(td,th[scope=row])]:border-b-0",
        )}
      >
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

/** A cell. `align="end"` lines figures up; `label` names it where its table is stacked. */
export function Td({
  align = "start",
  label,
  className,
  ...rest
}: CellProps & Readonly<{ label?: string }> & Omit<ComponentProps<"td">, "align">) {
  return (
    <td
      {...rest}
      data-label={label}
      className={cx(
        "h-(--row) border-line border-b px-3 py-1",
        align === "end" ? "figures text-right" : "text-left",
        label !== undefined &&
          "max-md:flex! max-md:items-center max-md:justify-between max-md:gap-4 max-md:text-right max-md:before:shrink-0 max-md:before:text-soft max-md:before:content-[attr(data-label)]",
        className,
      )}
    />
  );
}

/** A row of sums under the rows it sums. */
export function TotalRow({ className, ...rest }: ComponentProps<"tr">) {
  return <tr {...rest} className={cx("bg-sunken font-semibold", className)} />;
}
