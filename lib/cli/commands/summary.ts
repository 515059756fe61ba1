import type { Command } from "commander";
import { z } from "zod";
import { appPool } from "@/lib/db/pool";
import { formatAmount } from "@/lib/domain/money";
import { loadSummaries } from "@/lib/matching/summary";
import { liveEntities } from "./entities";
import { period } from "./options";
import { printResult, type Shell, table } from "./shell";

const minor = z.string().transform(BigInt);
const amounts = z.object({ net: minor, tax: minor, gross: minor });
const side = amounts.extend({ lines: z.coerce.number(), unknownTaxLines: z.coerce.number() });
const Totals = z.object({
  entity: z.string(),
  period: z.string(),
  currency: z.string(),
  asOf: z.string(),
  scayle: side,
  erp: side,
  causes: z.array(amounts.extend({ cause: z.string(), count: z.coerce.number() })),
  unexplained: amounts.extend({ count: z.coerce.number() }),
  tiesOut: z.boolean(),
});
type Totals = z.infer<typeof Totals>;

type Options = Readonly<{ period: string; entity?: string }>;

/** tieout summary */
export function addSummary(program: Command, shellOf: () => Shell): void {
  program
    .command("summary")
    .description("a month's totals: SCAYLE, the causes, the ERP")
    .requiredOption("--period <month>", "the month, like 2026-10", period)
    .option("--entity <code>", "one entity only")
    .action(async (options: Options) => {
      const shell = shellOf();
      await liveEntities(appPool(), options.entity);
      const summaries = await loadSummaries(appPool(), {
        period: options.period,
        ...(options.entity === undefined ? {} : { entityId: options.entity }),
      });
      printResult(shell, { summaries }, () =>
        summaries.length === 0
          ? [`Nothing of ${options.period} was reconciled yet. Run: tieout sync, then tieout reconcile.`]
          : summaries.flatMap((summary) => words(Totals.parse(summary))),
      );
    });
}

function words(totals: Totals): readonly string[] {
  const { currency, scayle, erp, unexplained } = totals;
  const money = (amount: bigint): string => formatAmount(amount, currency);
  const row = (name: string, count: number, of: Readonly<{ net: bigint; tax: bigint; gross: bigint }>) => [
    name,
    String(count),
    money(of.net),
    money(of.tax),
    money(of.gross),
  ];
  return [
    `${totals.entity}  ${totals.period}  ${currency}  as of ${totals.asOf}`,
    ...table(
      ["", "lines", "net", "tax", "gross"],
      [
        row("SCAYLE", scayle.lines, scayle),
        ...totals.causes.map((cause) => row(`− ${cause.cause}`, cause.count, cause)),
        row("− unexplained", unexplained.count, unexplained),
        row("= ERP", erp.lines, erp),
      ],
      [1, 2, 3, 4],
    ),
    ...(scayle.unknownTaxLines + erp.unknownTaxLines > 0
      ? [`Tax unknown on ${scayle.unknownTaxLines} lines of SCAYLE and ${erp.unknownTaxLines} of the ERP.`]
      : []),
    totals.tiesOut ? "It ties out." : "It does not tie out yet.",
    "",
  ];
}
