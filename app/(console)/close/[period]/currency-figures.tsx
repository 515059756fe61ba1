import type { Route } from "next";
import Link from "next/link";
import { BridgeChart } from "@/components/close/bridge-chart";
import { BucketsTable } from "@/components/close/buckets-table";
import { CausesTable } from "@/components/close/causes-table";
import { ProofsList } from "@/components/close/proofs-list";
import { amountText } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Fold } from "@/components/ui/fold";
import { Message } from "@/components/ui/message";
import { type SearchParams, withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import type { BridgeBar } from "@/lib/close/bridge";
import type { BridgePart } from "@/lib/close/differences";
import type { PeriodView } from "@/lib/close/loaders";
import { bridgeFigures, bridgeParts } from "@/lib/close/schema";
import { dayName } from "@/lib/domain/day";
import type { MovedCurrency } from "@/lib/moves/loaders";

type Summary = Pick<PeriodView["summaries"][number], "totals" | "bridge" | "strip" | "proofs">;

const figureNames = { gross: "Gross", net: "Net", tax: "Tax" } as const;

/** What the figures of one currency are shown with. */
type View = Readonly<{
  entity: Readonly<{ id: string }>;
  period: string;
  titles: Readonly<Record<string, string>>;
  /** causes that raise no exception */
  quiet: readonly string[];
  /** the address of a cause's rows */
  hrefOf: (cause: string) => string;
  /** by what the bridge's steps are told apart; absent where only causes are kept, as of a date */
  by?: BridgePart;
  /** as at which moment, as the address has it */
  at?: string | undefined;
}>;

const partNames: Readonly<Record<BridgePart, string>> = {
  cause: "Cause",
  shop: "Shop",
  channel: "Channel",
  code: "Tax code",
  payment: "Payment method",
  day: "Day",
};

/** A month's figures in one currency: bridge, proofs, causes, buckets. */
export function CurrencyFigures({
  view,
  summary,
  moved,
  asked,
}: Readonly<{
  view: View;
  summary: Summary;
  moved: MovedCurrency | undefined;
  /** the address, which says what the bridge is of */
  asked: SearchParams;
}>) {
  const { totals, bridge } = summary;
  const { currency } = totals;
  const listOf = view.hrefOf;
  const by = view.by ?? "cause";
  const bars = bridge.bars.map((bar) => ({ ...bar, ...namedBar(view, summary, bar) }));
  return (
    <>
      <div className="grid gap-4 xl:grid-cols-[3fr_2fr]">
        <Card
          id={`bridge-${currency}`}
          title={`Bridge in ${currency}`}
          description={`${figureNames[bridge.of]}, by ${partNames[by].toLowerCase()}. Each step is SCAYLE − ERP, as everywhere: + where the ERP has less, − where it has more`}
        >
          {bridge.gap !== 0n && (
            <Message tone="broken">
              The causes leave {amountText(bridge.gap, currency)} {currency} unaccounted for: the books do not
              add up.
            </Message>
          )}
          <Tabs
            label={`What the bridge in ${currency} is of`}
            tabs={bridgeFigures.map((of) => ({
              href: withParams(asked, { of: of === "gross" ? null : of }),
              label: figureNames[of],
              current: of === bridge.of,
            }))}
          />
          {view.by && (
            <Tabs
              label={`By what the bridge in ${currency} is`}
              tabs={bridgeParts.map((part) => ({
                href: withParams(asked, { by: part === "cause" ? null : part }),
                label: partNames[part],
                current: part === by,
              }))}
            />
          )}
          <BridgeChart bars={bars} currency={currency} figure={figureNames[bridge.of]} />
          {bridge.gap === 0n && <Badge tone="agrees">SCAYLE and the steps make the ERP’s total</Badge>}
          <p className="text-soft text-xs">
            <span aria-hidden>◂</span> and plain: the ERP has less there; <span aria-hidden>▸</span> and
            striped: it has more. The axis does not begin at zero.{" "}
            {unknownTax(totals.scayle.unknownTaxLines, totals.erp.unknownTaxLines)}
          </p>
        </Card>
        <Card
          title="Proofs"
          className="print:break-inside-avoid"
          description="What the reconciliation checked of its own figures"
          actions={
            <Link
              href={`/close/${view.period}/proof?entity=${encodeURIComponent(view.entity.id)}` as Route}
              className="text-sm underline decoration-line-strong underline-offset-4"
            >
              Nothing-lost proof{view.at !== undefined && ", as it is today"}
            </Link>
          }
        >
          <ProofsList proofs={summary.proofs} />
        </Card>
      </div>
      <Card
        id={`causes-${currency}`}
        title="Causes"
        description="SCAYLE − causes − unexplained = ERP; each amount is SCAYLE − ERP: + where the ERP has less, − where it has more"
        flush
      >
        <CausesTable totals={totals} titles={view.titles} quiet={view.quiet} hrefOf={listOf} moved={moved} />
      </Card>
      <Fold
        id={`lines-${currency}`}
        title={`Lines by bucket in ${currency}`}
        state={`${counted(totals.scayle.lines)} of SCAYLE, ${counted(totals.erp.lines)} of the ERP, each in exactly one bucket`}
      >
        <div className="grid gap-4 xl:grid-cols-2">
          <Card title="SCAYLE’s lines" description="One line per unit" level={3} flush>
            <BucketsTable totals={totals} side="scayle" moved={moved} at={view.at} />
          </Card>
          <Card title="The ERP’s lines" description="Document lines" level={3} flush>
            <BucketsTable totals={totals} side="erp" moved={moved} at={view.at} />
          </Card>
        </div>
      </Fold>
    </>
  );
}

/** What a bar is called and where its rows are. */
function namedBar(
  view: View,
  { strip, bridge, totals }: Summary,
  { key, kind, causes, label }: BridgeBar,
): Readonly<{ label: string; href: string }> {
  if (key === "scayle") return { label: "SCAYLE", href: strip.scayle.href };
  if (key === "erp") return { label: "ERP", href: strip.erp.href };
  const by = view.by ?? "cause";
  const list = (step: Readonly<Record<string, string | string[]>>) =>
    `/close/${view.period}/differences${withParams({ entity: view.entity.id, currency: totals.currency, of: bridge.of, by, ...step }, {})}`;
  if (kind === "others") {
    const own = bridge.bars.flatMap((bar) => (bar.kind === "others" ? [] : bar.causes));
    const noun = by === "cause" ? "cause" : "other";
    return {
      label: `${causes.length} smaller ${noun}${causes.length === 1 ? "" : "s"}`,
      href: view.by ? list({ except: own }) : `#causes-${totals.currency}`,
    };
  }
  if (by !== "cause")
    return { label: by === "day" && key !== "" ? dayName(key) : (label ?? key), href: list({ key }) };
  return {
    label: key === "unexplained" ? "Unexplained" : (view.titles[key] ?? key),
    href: view.quiet.includes(key) ? list({ key }) : view.hrefOf(key),
  };
}

const counted = (lines: number): string => (lines === 1 ? "1 line" : `${lines.toLocaleString("en")} lines`);

function unknownTax(scayle: number, erp: number): string {
  if (scayle === 0 && erp === 0) return "Net and tax are known of every line.";
  const parts = [
    scayle > 0 && `${counted(scayle)} of SCAYLE`,
    erp > 0 && `${counted(erp)} of the ERP`,
  ].filter(Boolean);
  return `Net and tax are unknown of ${parts.join(" and ")}; they count with their gross.`;
}
