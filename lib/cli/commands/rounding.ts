import type { Command } from "commander";
import { ownerPool } from "@/lib/db/pool";
import { formatAmount } from "@/lib/domain/money";
import { policyInFull } from "@/lib/domain/tax/policy";
import type { HeaderCounts } from "@/lib/matching/rounding/headers";
import type { MadeCents } from "@/lib/matching/rounding/made";
import type { Residue } from "@/lib/matching/rounding/residue";
import { type ConnectionRounding, findMonthRounding, findMonths, findRounding } from "@/lib/rounding/data";
import {
  candidateOf,
  endWords,
  madeByWords,
  rivalWords,
  settingWords,
  shareWords,
} from "@/lib/rounding/words";
import { liveEntities } from "./entities";
import { period } from "./options";
import { printResult, type Shell, table } from "./shell";

type Options = Readonly<{ entity?: string; period?: string }>;
type MonthFigures = Readonly<{
  period: string;
  made: readonly MadeCents[];
  residues: readonly Residue[];
}>;
type EntityFigures = Readonly<{
  entity: string;
  connections: readonly ConnectionRounding[];
  months: readonly MonthFigures[];
}>;

/** tieout rounding */
export function addRounding(program: Command, shellOf: () => Shell): void {
  program
    .command("rounding")
    .description(
      "how each system rounds, what its documents say of that, and which setting would end the cents between them",
    )
    .option("--entity <code>", "one entity only")
    .option("--period <month>", "one month, like 2026-10; without it every month", period)
    .action(async (options: Options) => {
      const shell = shellOf();
      const pool = ownerPool();
      const entities: EntityFigures[] = [];
      for (const entity of await liveEntities(pool, options.entity)) {
        const connections = await findRounding(entity, pool);
        const months: MonthFigures[] = [];
        for (const month of options.period ? [options.period] : await findMonths(entity, pool))
          months.push({ period: month, ...(await findMonthRounding(entity, month, connections, pool)) });
        entities.push({ entity, connections, months });
      }
      printResult(shell, { entities }, () => entities.flatMap(words));
    });
}

function words({ entity, connections, months }: EntityFigures): readonly string[] {
  const headers = connections.flatMap(({ evidence }) => evidence?.headers ?? []);
  return [
    entity,
    ...table(
      ["side", "connection", "rounds", "", "reproduces", "runner-up"],
      connections.map((one) => [
        one.side === "scayle" ? "SCAYLE" : "ERP",
        one.name,
        one.policy ? policyInFull(one.policy) : "not known",
        stateOf(one),
        shareOf(one),
        one.evidence ? rivalWords(one.evidence) : "",
      ]),
    ),
    "",
    ...(headers.length > 0 ? [...headerTable(headers), ""] : []),
    ...months.flatMap(monthWords),
  ];
}

const stateOf = ({ policy, confirmedAt, confirmedBy }: ConnectionRounding): string => {
  if (!policy) return "";
  if (confirmedAt === null) return "proposed: proves nothing yet";
  return `confirmed ${confirmedAt.toISOString().slice(0, 10)}${confirmedBy ? ` by ${confirmedBy}` : ""}`;
};

function shareOf({ policy, evidence }: ConnectionRounding): string {
  const candidate = evidence && (policy ? candidateOf(evidence, policy) : evidence.candidates[0]);
  return evidence && candidate
    ? shareWords(candidate.reproduced, evidence.documents)
    : "not looked at yet: tieout reconcile";
}

const headerTable = (headers: readonly (HeaderCounts & Readonly<{ shop: string }>)[]): readonly string[] =>
  table(
    ["SCAYLE's orders", "only v1", "only legacy", "both", "neither", "not comparable"],
    headers.map((one) => [
      one.shop || "(no shop)",
      ...[one.v1, one.legacy, one.both, one.neither, one.notComparable].map(String),
    ]),
    [1, 2, 3, 4, 5],
  );

function monthWords({ period: month, made, residues }: MonthFigures): readonly string[] {
  return [
    ...table(
      [`${month}: SCAYLE rounds`, "the ERP rounds", "shop", "differences", "net", "tax"],
      made.map((one) => [
        madeByWords(one.policies).scayle,
        madeByWords(one.policies).erp,
        one.shop || "(no shop)",
        String(one.count),
        `${formatAmount(one.net, one.currency)} ${one.currency}`,
        `${formatAmount(one.tax, one.currency)} ${one.currency}`,
      ]),
      [3, 4, 5],
    ),
    ...residues.filter((one) => one.compared > 0).flatMap(residueWords),
    "",
  ];
}

function residueWords(residue: Residue): readonly string[] {
  const { shop, currency, compared, aside, today, settings } = residue;
  const row = (name: string, left: Residue["today"]) => [
    name,
    String(left.documents),
    `${formatAmount(left.cents, currency)} ${currency}`,
    `${formatAmount(left.sum, currency)} ${currency}`,
  ];
  return [
    "",
    ...table(
      [
        `${shop || "(no shop)"}: ${compared} compared, ${aside} aside`,
        "would differ",
        "left",
        "net of signs",
      ],
      [row("as set today", today), ...settings.map((one) => row(settingWords(one), one.left))],
      [1, 2, 3],
    ),
    endWords(residue),
  ];
}
