import type pg from "pg";
import type { Bucket } from "@/lib/causes/contract";
import type { Outcome } from "@/lib/causes/outcome";
import { known, pairId, type WorkPair } from "@/lib/causes/work";
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

/** A pair with the bucket that it ends in, after what people accepted. */
export type BucketedPair = Readonly<{ pair: WorkPair; bucket: Bucket }>;

/** The pairs of a group, each in its bucket. `accepted` are the ids of exceptions whose acceptance still holds. */
export function bucketed(explained: Explained, accepted: ReadonlySet<string>): readonly BucketedPair[] {
  const { outcome, exceptions } = explained;
  if (accepted.size === 0) return outcome.pairs;
  const open = new Set(
    outcome.findings.flatMap((finding, index) =>
      finding.bucket === "open" && !accepted.has(exceptions[index]?.id ?? "") ? finding.pairIds : [],
    ),
  );
  return outcome.pairs.map(({ pair, bucket }) => ({
    pair,
    bucket: bucket === "open" && !open.has(pair.id) ? "accepted" : bucket,
  }));
}

/**
 * Whether every pair of a group is a row of the shelf (lib/matching/plain): the lines of one item and period, nothing
 * set aside and nothing across months. Such pairs are written without their lines leaving the database.
 */
export function isPlain(group: Group, pairs: readonly BucketedPair[]): boolean {
  // Pairs by hand, and those of several orders, are not what the shelf has.
  if ((group.handPairs ?? []).length + (group.members ?? []).length > 0) return false;
  return pairs.every(({ pair, bucket }) => {
    const first = pair.scayle[0] ?? pair.erp[0];
    if (!first || pair.kind === "aside" || bucket === "excluded") return false;
    const inOne = [...pair.scayle, ...pair.erp].every(
      (line) => line.period === first.period && line.itemKey === pair.itemKey,
    );
    return (
      inOne &&
      pair.id === pairId(group.orderKey, pair.documentKind, pair.currency, pair.itemKey, first.period)
    );
  });
}

/** Writes pairs and their lines, set-based: one row per pair and month of its lines. */
export async function writePairs(
  client: pg.PoolClient,
  groups: readonly Readonly<{ group: Group; pairs: readonly BucketedPair[] }>[],
): Promise<void> {
  await insertJson(
    client,
    "pair",
    PAIR_COLUMNS,
    groups.flatMap(({ group, pairs }) => pairs.flatMap((one) => legs(group, one))),
  );
  await insertJson(
    client,
    "pair_line",
    "order_key uuid, line_id uuid, pair_id uuid, group_key uuid",
    groups.flatMap(({ group, pairs }) =>
      pairs.flatMap(({ pair }) =>
        [...pair.scayle, ...pair.erp].map((line) => ({
          order_key: line.orderKey ?? group.orderKey,
          line_id: line.id,
          pair_id: pair.id,
          group_key: group.orderKey,
        })),
      ),
    ),
  );
}

const PAIR_COLUMNS = `order_key uuid, id uuid, entity_id text, document_kind text, kind text, item_key text, strategy text,
  currency text, period text, bucket text, scayle_lines int, scayle_quantity numeric, scayle_net bigint, scayle_tax bigint,
  scayle_gross bigint, erp_lines int, erp_quantity numeric, erp_net bigint, erp_tax bigint, erp_gross bigint,
  scayle_units bigint, scayle_unknown int, erp_unknown int`;

function legs(group: Group, { pair, bucket }: BucketedPair): readonly Record<string, unknown>[] {
  const periods = [...new Set([...pair.scayle, ...pair.erp].map((line) => line.period))];
  return periods.map((period) => {
    const scayle = pair.scayle.filter((line) => line.period === period);
    return {
      order_key: group.orderKey,
      id: pair.id,
      entity_id: group.entityId,
      document_kind: pair.documentKind,
      kind: pair.kind,
      item_key: pair.itemKey,
      strategy: pair.strategy ?? "item",
      currency: pair.currency,
      period,
      bucket,
      ...sideOf("scayle", scayle),
      ...sideOf(
        "erp",
        pair.erp.filter((line) => line.period === period),
      ),
      scayle_units: scayle.reduce((all, line) => all + unitsOf(line), 0),
    };
  });
}

const unitsOf = (line: GroupLine): number =>
  line.kind === "item" ? Math.max(1, Math.round(line.quantity.abs().toNumber())) : 1;

function sideOf(side: string, lines: readonly GroupLine[]): Record<string, unknown> {
  const amounts = lines.map(known);
  return {
    [`${side}_lines`]: lines.length,
    [`${side}_unknown`]: lines.filter((line) => line.net === null || line.tax === null).length,
    [`${side}_quantity`]: quantityOf(lines).toString(),
    [`${side}_net`]: amounts.reduce((all, one) => all + one.net, 0n),
    [`${side}_tax`]: amounts.reduce((all, one) => all + one.tax, 0n),
    [`${side}_gross`]: amounts.reduce((all, one) => all + one.gross, 0n),
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
      const parts =
        finding.parts.length > 0
          ? finding.parts
          : [
              {
                pairId: finding.pairIds[0] ?? null,
                period: exception?.period ?? "",
                currency:
                  outcome.pairs.find(({ pair }) => finding.pairIds.includes(pair.id))?.pair.currency ?? "",
                amounts: { net: 0n, tax: 0n, gross: 0n },
              },
            ];
      const bucket = exception && accepted.has(exception.id) ? "accepted" : finding.bucket;
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
          currency: part.currency,
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
