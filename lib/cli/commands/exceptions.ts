import type { Command } from "commander";
import { Option } from "commander";
import type pg from "pg";
import { causes } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import type { JsonValue } from "@/lib/domain/json";
import { formatAmount } from "@/lib/domain/money";
import { exceptionStates, openStates } from "@/lib/exceptions/machine";
import { evidenceAgain } from "@/lib/matching/evidence";
import { liveEntities } from "./entities";
import { period } from "./options";
import { printResult, type Shell, table } from "./shell";

type Options = Readonly<{ period?: string; entity?: string; cause?: string; state?: string }>;

/** An exception as the command line tells it; amounts in minor units. */
type Listed = Readonly<{
  id: string;
  orderKey: string;
  entity: string;
  order: string | null;
  orderId: string | null;
  document: string | null;
  /** what it is about where that is no order, and what it comes to where that is no amount */
  about: string | null;
  matter: string | null;
  cause: string;
  signature: string;
  state: string;
  owner: string;
  assignee: string | null;
  due: string | null;
  period: string;
  currency: string;
  net: bigint;
  tax: bigint;
  gross: bigint;
  amounts: JsonValue;
  /** another set of causes explains the difference as well: `evidence.alternatives` */
  ambiguous: boolean;
  explanation: string;
  evidence: JsonValue;
  resolution: string;
}>;

/** tieout exceptions */
export function addExceptions(program: Command, shellOf: () => Shell): void {
  program
    .command("exceptions")
    .description("what differs and why; every state but resolved unless --state says otherwise")
    .option(
      "--period <month>",
      "with an amount in this month; the amounts shown are then this month's",
      period,
    )
    .option("--entity <code>", "one entity only")
    .addOption(
      new Option("--cause <code>", "one cause only").choices(
        causes.filter((cause) => cause.raises).map((cause) => cause.code),
      ),
    )
    .addOption(
      new Option("--state <state>", "open is whatever somebody must still act on").choices([
        "all",
        "open",
        ...exceptionStates,
      ]),
    )
    .action(async (options: Options) => {
      const shell = shellOf();
      await liveEntities(appPool(), options.entity);
      const exceptions = await listExceptions(appPool(), options);
      // Evidence is for machines: people open the exception.
      const whole = shell.json ? await withEvidence(appPool(), exceptions) : exceptions;
      printResult(shell, { exceptions: whole }, () => words(exceptions));
    });
}

function statesOf(wanted: string | undefined): readonly string[] {
  if (wanted === undefined) return exceptionStates.filter((state) => state !== "resolved");
  if (wanted === "all") return exceptionStates;
  if (wanted === "open") return openStates;
  return [wanted];
}

/** The exceptions of entities in use. With a period: those that have an amount in it, with the amounts of it. */
async function listExceptions(pool: pg.Pool, options: Options): Promise<readonly Listed[]> {
  const { rows } = await pool.query<Listed>(
    `SELECT e.id, e.order_key AS "orderKey", e.entity_id AS entity, e.order_reference AS "order", e.order_source_id AS "orderId",
       e.document_number AS document, e.about, e.matter, e.cause, e.signature, e.state, e.owner_team AS owner, u.email AS assignee,
       e.due, coalesce($1, e.period) AS period, e.currency,
       CASE WHEN $1::text IS NULL THEN e.net ELSE coalesce(own.net, 0) END AS net,
       CASE WHEN $1::text IS NULL THEN e.tax ELSE coalesce(own.tax, 0) END AS tax,
       CASE WHEN $1::text IS NULL THEN e.gross ELSE coalesce(own.gross, 0) END AS gross,
       e.amounts, e.ambiguous, e.explanation, e.evidence, e.resolution
     FROM exception e JOIN entity n ON n.id = e.entity_id LEFT JOIN "user" u ON u.id = e.assignee_id
       LEFT JOIN LATERAL (
         SELECT count(*) AS parts, sum((part ->> 'net')::bigint)::bigint AS net,
           sum((part ->> 'tax')::bigint)::bigint AS tax, sum((part ->> 'gross')::bigint)::bigint AS gross
         FROM jsonb_array_elements(e.amounts) AS part
          WHERE part ->> 'period' = $1 AND coalesce(part ->> 'currency', e.currency) = e.currency) own ON true
     WHERE n.retired_at IS NULL AND e.state = ANY($4)
       AND ($2::text IS NULL OR e.entity_id = $2) AND ($3::text IS NULL OR e.cause = $3)
       AND ($1::text IS NULL OR own.parts > 0 OR e.period = $1)
     ORDER BY e.entity_id, e.period, e.cause, e.order_reference, e.document_number, e.id`,
    [options.period ?? null, options.entity ?? null, options.cause ?? null, [...statesOf(options.state)]],
  );
  return rows;
}

/** The exceptions with the evidence that is not kept, recomputed. */
async function withEvidence(
  pool: pg.Pool,
  listed: readonly Listed[],
): Promise<readonly Omit<Listed, "orderKey">[]> {
  const bare = listed.filter((one) => one.evidence === null && one.state !== "resolved");
  const again = new Map<string, unknown>();
  for (const entity of new Set(bare.map((one) => one.entity))) {
    const keys = bare.filter((one) => one.entity === entity).map((one) => one.orderKey);
    for (const [id, evidence] of await evidenceAgain(pool, entity, keys)) again.set(id, evidence);
  }
  return listed.map(({ orderKey: _, ...one }) => ({
    ...one,
    evidence: one.evidence ?? ((again.get(one.id) ?? null) as JsonValue),
  }));
}

function words(exceptions: readonly Listed[]): readonly string[] {
  if (exceptions.length === 0) return ["There are none."];
  return [
    ...table(
      ["entity", "period", "cause", "order", "document", "gross", "tax", "", "state", "owner", "due"],
      exceptions.map((one) => [
        one.entity,
        one.period,
        one.cause,
        one.order ?? "",
        one.about ?? one.document ?? "",
        formatAmount(one.gross, one.currency),
        // Where the gross agrees, the tax is what differs.
        formatAmount(one.tax, one.currency),
        one.currency,
        one.state,
        one.assignee ?? one.owner,
        one.due ?? "",
      ]),
      [5, 6],
    ),
    `${exceptions.length} exceptions.`,
  ];
}
