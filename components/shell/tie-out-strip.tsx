import type { Route } from "next";
import Link from "next/link";
import { Amount, type MinorLike } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { cx } from "@/components/ui/class-names";
import { DayText } from "@/components/ui/instant";
import { TieOutBadge } from "@/components/ui/tie-out-badge";

/** One figure of the formula and the address of its rows. */
export type StripFigure = Readonly<{ minor: MinorLike; href: string }>;

/**
 * The formula that the whole product stands for: SCAYLE − explained − unexplained = ERP, gross, of one entity, month and
 * currency. Each figure opens its rows. `null`: nothing was reconciled yet.
 */
export type StripSummary = Readonly<{
  currency: string;
  scayle: StripFigure;
  explained: StripFigure;
  unexplained: StripFigure;
  erp: StripFigure;
  tiesOut: boolean;
  /** whether the month is over: while it runs, a difference that is explained is often only on its way */
  ended: boolean;
  /** of a closed month, whose figures are those that are locked: what it comes to now */
  locked: LockedStrip | null;
}>;

/** What both sides of a closed month come to now, and by how much that is other than what is locked. */
type LockedStrip = Readonly<{
  /** the day it was locked */
  day: string;
  live: Readonly<{ scayle: MinorLike; erp: MinorLike }>;
  late: Readonly<{ scayle: MinorLike; erp: MinorLike }>;
  /** where late arrivals are listed */
  href: string;
}>;

/**
 * The strips of a month, that of the books' own currency first. Another currency is a stray as a rule: what it is, is said; on
 * a phone it is folded away.
 */
export function TieOutStrips({
  strips,
  own,
  month,
}: Readonly<{
  strips: readonly StripSummary[];
  /** the currency of the entity's books */
  own: string;
  month?: string | undefined;
}>) {
  const others = strips.filter((one) => one.currency !== own);
  const strayed = others.map((strip) => (
    <div key={strip.currency}>
      <TieOutStrip summary={strip} month={month} />
      <p className="px-4 pb-2 text-soft text-xs md:px-6">
        Some orders or documents of the month are in {strip.currency}, not in {own} as the books are. They are
        added up by themselves and never converted; one that was posted in the wrong currency stands in both.
      </p>
    </div>
  ));
  return (
    <>
      {strips
        .filter((one) => one.currency === own)
        .map((strip) => (
          <TieOutStrip key={strip.currency} summary={strip} month={month} />
        ))}
      {others.length > 0 && (
        <>
          <details className="border-line border-t md:hidden">
            <summary className="flex min-h-9 cursor-pointer items-center px-4 text-sm text-soft underline decoration-line-strong underline-offset-4">
              Also in {others.map((one) => one.currency).join(", ")}
            </summary>
            {strayed}
          </details>
          <div className="max-md:hidden">{strayed}</div>
        </>
      )}
    </>
  );
}

/** The tie-out strip: one line on a desk, two on a phone. One strip per currency. */
export function TieOutStrip({
  summary,
  month,
}: Readonly<{
  summary: StripSummary | null;
  /** its month in words, where the page around it shows more than that month */
  month?: string | undefined;
}>) {
  if (!summary) {
    return (
      <p className="border-line border-t px-4 py-2 text-sm text-soft md:px-6">
        No reconciliation of this month yet. The totals appear here after the first one.
      </p>
    );
  }
  const { currency, scayle, explained, unexplained, erp } = summary;
  const { locked } = summary;
  return (
    <section
      aria-label={`Tie-out in ${currency}`}
      className="flex flex-wrap items-center gap-x-2 gap-y-1 border-line border-t px-4 py-px text-sm max-md:py-2 md:px-6"
    >
      {month && <span className="text-soft max-md:basis-full max-md:text-xs">{month}:</span>}
      <span className="flex items-baseline gap-2 max-md:basis-full max-md:items-end">
        <Figure label="SCAYLE" currency={currency} {...scayle} strong />
        <Sign>−</Sign>
        <Figure label="explained" currency={currency} {...explained} />
      </span>
      <span className="flex items-baseline gap-2 max-md:items-end">
        <Sign>−</Sign>
        <Figure
          label="unexplained"
          currency={currency}
          {...unexplained}
          {...(!isZero(unexplained.minor) && { className: "text-attention" })}
        />
        <Sign>=</Sign>
        <Figure label="ERP" currency={currency} {...erp} strong />
        <span className="text-soft text-xs">{currency}</span>
      </span>
      <span className="ml-auto">
        {locked ? (
          <Badge tone="agrees">
            Locked <DayText day={locked.day} />
          </Badge>
        ) : (
          <TieOutBadge
            tiesOut={summary.tiesOut}
            ended={summary.ended}
            differs={String(scayle.minor) !== String(erp.minor)}
          />
        )}
      </span>
      {locked && <LiveNow locked={locked} currency={currency} />}
    </section>
  );
}

/** What a closed month comes to now, and what came to it since: Σ late arrivals = live − locked. */
function LiveNow({ locked, currency }: Readonly<{ locked: LockedStrip; currency: string }>) {
  const amount = (minor: MinorLike, signed = false) => (
    <Amount minor={minor} currency={currency} {...(signed && { signed })} />
  );
  return (
    <p className="basis-full text-soft text-xs">
      Live now: SCAYLE {amount(locked.live.scayle)}, ERP {amount(locked.live.erp)}{" "}
      <Link href={locked.href as Route} className="inline-block py-[4px] underline underline-offset-4">
        (Σ late arrivals: SCAYLE {amount(locked.late.scayle, true)}, ERP {amount(locked.late.erp, true)})
      </Link>
    </p>
  );
}

function Figure({
  label,
  minor,
  currency,
  href,
  strong = false,
  className,
}: StripFigure & Readonly<{ label: string; currency: string; strong?: boolean; className?: string }>) {
  return (
    <Link
      href={href as Route}
      className={cx(
        "fade group flex items-baseline gap-1.5 rounded py-[2px] max-md:flex-col max-md:items-start max-md:gap-0",
        className,
      )}
    >
      <span className="text-soft max-md:text-xs">{label}</span>
      <Amount
        minor={minor}
        currency={currency}
        className={cx(
          "underline decoration-line-strong decoration-dotted underline-offset-4 group-hover:decoration-solid",
          strong && "font-semibold",
        )}
      />
    </Link>
  );
}

const Sign = ({ children }: Readonly<{ children: string }>) => <span className="text-soft">{children}</span>;

const isZero = (minor: MinorLike): boolean => minor !== null && BigInt(minor) === 0n;
