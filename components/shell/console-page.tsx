import type { ReactNode } from "react";
import { Instant, zoneName } from "@/components/ui/instant";
import type { EntityName } from "@/lib/auth/data";
import { dayName, daysOf, type Month } from "@/lib/domain/day";
import { EntitySwitcher } from "./entity-switcher";
import { PeriodSwitcher } from "./period-switcher";

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
  children,
}: Readonly<{
  title: ReactNode;
  context?: PageContext;
  strip?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  panel?: ReactNode;
  children: ReactNode;
}>) {
  return (
    <>
      {(context || strip) && (
        <section aria-label="Books shown" className="z-20 border-line border-b bg-surface md:sticky md:top-0">
          {context && <ContextBar {...context} />}
          {strip}
        </section>
      )}
      <div className="flex min-w-0 flex-1">
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 px-4 py-4 outline-none md:px-6">
          <header className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
            <div className="min-w-0">
              <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
              {description && <div className="mt-0.5 max-w-prose text-soft">{description}</div>}
            </div>
            {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
          </header>
          <div className="flex min-w-0 flex-col gap-4">{children}</div>
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
