import type { ReactNode } from "react";
import { cx } from "@/components/ui/class-names";
import { Instant, zoneName } from "@/components/ui/instant";
import type { EntityName } from "@/lib/auth/data";
import { dayName, daysOf, type Month } from "@/lib/domain/day";
import { EntitySwitcher } from "./entity-switcher";
import { PeriodSwitcher } from "./period-switcher";
import { StickyHead } from "./sticky-head";

/** What the head of a page speaks about: whose books, which month, as of when. */
export type PageContext = Readonly<{
  entities: readonly EntityName[];
  entity: EntityName | null;
  /** The month shown, and the ones that can be chosen; null: all months. Leave both out where months do not matter. */
  period?: Month | null;
  periods?: readonly Month[];
  /** The oldest high-water mark behind the figures; null: nothing was reconciled yet. */
  asOf?: Date | null;
}>;

/**
 * One page of the console: switchers and as-of on top, the tie-out strip under them, then the page.
 * `panel` is one record beside the page.
 */
export function ConsolePage({
  title,
  context,
  strip,
  description,
  actions,
  panel,
  dense = false,
  children,
}: Readonly<{
  title: ReactNode;
  context?: PageContext;
  strip?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  panel?: ReactNode;
  /** A page that is worked all day: its head is as low as can be, so that the rows begin high up. */
  dense?: boolean;
  children: ReactNode;
}>) {
  return (
    <>
      {(context || strip) && (
        <StickyHead
          className={cx(
            "z-20 border-line border-b bg-surface md:sticky md:top-0",
            dense && "md:[&>div:first-child]:min-h-10 md:[&>div:first-child]:py-1 md:[&>section]:py-1",
          )}
        >
          {context && <ContextBar {...context} />}
          {strip}
        </StickyHead>
      )}
      <div className="flex min-w-0 flex-1">
        <main
          id="content"
          tabIndex={-1}
          className={cx("@container min-w-0 flex-1 px-4 outline-none", dense ? "py-2" : "py-4 md:px-6")}
        >
          <header
            className={cx(
              "flex flex-wrap justify-between gap-x-4",
              dense ? "mb-1 items-center gap-y-1" : "mb-4 items-start gap-y-2",
            )}
          >
            <div className={cx("min-w-0", dense && "flex flex-1 flex-wrap items-center gap-x-4 gap-y-1")}>
              <h1 className={cx("font-semibold tracking-tight", dense ? "text-lg" : "text-xl")}>{title}</h1>
              {description && (
                <div className={cx("text-soft", dense ? "min-w-0 flex-1" : "mt-0.5 max-w-prose")}>
                  {description}
                </div>
              )}
            </div>
            {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
          </header>
          <div className={cx("flex min-w-0 flex-col", dense ? "gap-1.5" : "gap-4")}>{children}</div>
        </main>
        {panel}
      </div>
    </>
  );
}

function ContextBar({ entities, entity, period, periods, asOf }: PageContext) {
  return (
    <div className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 md:px-6">
      {entity && <EntitySwitcher entities={entities} current={entity.id} />}
      {periods && <PeriodSwitcher periods={periods} current={period ?? null} />}
      {entity && asOf !== undefined && (
        <p className="text-soft text-xs md:ml-auto">
          {asOf === null ? (
            "Not reconciled yet"
          ) : (
            <>
              as of <Instant at={asOf} timeZone={entity.timeZone} />
            </>
          )}
          {period && ` · cut-off ${cutOffText(period, entity.timeZone)}`}
        </p>
      )}
    </div>
  );
}

/** The moment up to which a month counts: "31 Oct 24:00 CET". */
function cutOffText(month: Month, timeZone: string): string {
  const { last } = daysOf(month);
  // Noon of the last day is on the same side of a clock change as its midnight in every zone that matters to books.
  return `${dayName(last).slice(0, -5)} 24:00 ${zoneName(new Date(`${last}T12:00:00Z`), timeZone)}`;
}
