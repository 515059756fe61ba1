import type pg from "pg";
import type { Bucket } from "@/lib/causes/contract";
import type { Outcome } from "@/lib/causes/outcome";
import { sum } from "@/lib/causes/work";
import { type Group, type GroupLine, quantityOf } from "@/lib/domain/group";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { FoundException } from "./findings";

/** A group with what was found in it, and the exceptions that follow, finding by finding (null: raises none). */
export type Explained = Readonly<{
  group: Group;
  outcome: Outcome;
  exceptions: readonly (FoundException | null)[];
}>;

/** Writes pairs and their lines, set-based. `accepted` are the ids of exceptions whose acceptance still holds. */
export async function writePairs(
  client: pg.PoolClient,
  explained: readonly Explained[],
  accepted: ReadonlySet<string>,
): Promise<void> {
  const rows = explained.flatMap((one) =>
    one.outcome.pairs.map(({ pair }) => pairRow(one, pair.id, accepted)),
  );
  await insertJson(client, "pair", PAIR_COLUMNS, rows);
  const lines = explained.flatMap(({ group, outcome }) =>
    outcome.pairs.flatMap(({ pair }) =>
      [...pair.scayle, ...pair.erp].map((line) => ({
        order_key: group.orderKey,
        line_id: line.id,
        pair_id: pair.id,
      })),
    ),
  );
  await insertJson(client, "pair_line", "order_key uuid, line_id uuid, pair_id uuid", lines);
}

const PAIR_COLUMNS = `order_key uuid, id uuid, entity_id text, document_kind text, kind text, item_key text, currency text,
  period text, bucket text, scayle_lines int, scayle_quantity numeric, scayle_net bigint, scayle_tax bigint,
  scayle_gross bigint, erp_lines int, erp_quantity numeric, erp_net bigint, erp_tax bigint, erp_gross bigint`;

function pairRow({ group, outcome, exceptions }: Explained, pairId: string, accepted: ReadonlySet<string>) {
  const settled = outcome.pairs.find(({ pair }) => pair.id === pairId);
  if (!settled) throw new Error(`no pair ${pairId}`);
  const { pair } = settled;
  const open = outcome.findings.some(
    (finding, index) =>
      finding.pairIds.includes(pairId) &&
      finding.cause.bucket === "open" &&
      !accepted.has(exceptions[index]?.id ?? ""),
  );
  const bucket: Bucket = settled.bucket === "open" && !open ? "accepted" : settled.bucket;
  return {
    order_key: group.orderKey,
    id: pair.id,
    entity_id: group.entityId,
    document_kind: pair.documentKind,
    kind: pair.kind,
    item_key: pair.itemKey,
    currency: pair.currency,
    period: pair.scayle[0]?.period ?? pair.erp[0]?.period ?? "",
    bucket,
    ...sideOf("scayle", pair.scayle),
    ...sideOf("erp", pair.erp),
  };
}

function sideOf(side: string, lines: readonly GroupLine[]): Record<string, unknown> {
  const amounts = sum(lines);
  const blind = lines.some((line) => line.net === null || line.tax === null);
  return {
    [`${side}_lines`]: lines.length,
    [`${side}_quantity`]: quantityOf(lines).toString(),
    [`${side}_net`]: blind ? null : amounts.net,
    [`${side}_tax`]: blind ? null : amounts.tax,
    [`${side}_gross`]: amounts.gross,
  };
}

/** Writes the causes of findings, one row per pair and period; a finding of no amount keeps one row of zeros. */
export async function writeCauses(
  client: pg.PoolClient,
  explained: readonly Explained[],
  accepted: ReadonlySet<string>,
): Promise<void> {
  const rows = explained.flatMap(({ group, outcome, exceptions }) =>
    outcome.findings.flatMap((finding, index) => {
      const exception = exceptions[index] ?? null;
      const currency =
        outcome.pairs.find(({ pair }) => finding.pairIds.includes(pair.id))?.pair.currency ?? "";
      const parts =
        finding.parts.length > 0
          ? finding.parts
          : [
              {
                pairId: finding.pairIds[0] ?? null,
                period: exception?.period ?? "",
                amounts: { net: 0n, tax: 0n, gross: 0n },
              },
            ];
      const bucket = exception && accepted.has(exception.id) ? "accepted" : finding.cause.bucket;
      return parts
        .filter((part) => part.period !== "")
        .map((part) => ({
          order_key: group.orderKey,
          id: idOf(
            "cause",
            group.orderKey,
            finding.cause.code,
            subjectText(finding.claim.subject),
            part.pairId ?? "",
            part.period,
          ),
          exception_id: exception?.id ?? null,
          pair_id: part.pairId,
          entity_id: group.entityId,
          code: finding.cause.code,
          bucket,
          document_kind: finding.claim.subject.documentKind,
          period: part.period,
          currency,
          ...part.amounts,
          shop_id: group.shopId,
          channel: group.order?.channel ?? null,
        }));
    }),
  );
  await insertJson(client, "cause", CAUSE_COLUMNS, rows);
}

const subjectText = (subject: Readonly<{ documentKind: string; sourceLine: string }>): string =>
  `${subject.documentKind} ${subject.sourceLine}`;

const CAUSE_COLUMNS = `order_key uuid, id uuid, exception_id uuid, pair_id uuid, entity_id text, code text, bucket text,
  document_kind text, period text, currency text, net bigint, tax bigint, gross bigint, shop_id text, channel text`;

/** One INSERT for many rows; `columns` are the names and types of both the JSON and the table. */
export async function insertJson(
  client: pg.PoolClient,
  table: string,
  columns: string,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = columns.split(",").map((column) => column.trim().split(/\s+/)[0]);
  await client.query(
    `INSERT INTO "${table}" (${names.join(", ")}) SELECT ${names.join(", ")} FROM json_to_recordset($1::json) AS row(${columns})`,
    [toJson(rows)],
  );
}
