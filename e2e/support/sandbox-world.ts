import type pg from "pg";
import { expect } from "vitest";
import type { AuditActor } from "@/lib/audit/event";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { World } from "@/lib/sandbox/model";
import { startSandbox } from "@/lib/sandbox/server";
import { plantedTruth } from "@/lib/sandbox/truth";
import { makeWorld, type WorldSettings } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";

/*
 * The whole way, on a real database: the sandbox's process, sync over HTTP, reconciliation, and then what was found
 * against what was planted. The truth is used by tests alone.
 */

export const NOW = new Date("2026-11-23T08:00:00Z");
export const ANCHOR = "2026-10";
export const MONTHS: readonly string[] = ["2026-08", "2026-09", "2026-10"];
const ACTOR: AuditActor = { kind: "machine", id: "test", name: "Test" };

/** Leaves out what a shop may sell, which its API tells of one item at a time: books are matched without it. */
export const withoutShopStock = (pool: pg.Pool): Promise<unknown> =>
  pool.query(
    "DELETE FROM feed USING connection c WHERE c.id = connection_id AND c.side = 'scayle' AND resource = 'stock'",
  );

/** Brings the database to the state that a world of the sandbox gives, as of NOW. */
export async function reconciled(pool: pg.Pool, settings: Omit<WorldSettings, "anchor">): Promise<World> {
  const world = makeWorld({ anchor: ANCHOR, ...settings });
  const limit = Number.MAX_SAFE_INTEGER;
  const now = () => NOW;
  const sandbox = await startSandbox({
    world,
    now: () => NOW.getTime(),
    port: 0,
    scayleLimit: limit,
    businessCentralLimit: limit,
  });
  try {
    await connectSandbox(sandbox.url, { pool, actor: ACTOR, at: NOW });
    await withoutShopStock(pool);
    const report = await runSync({}, { actorName: "Test", now });
    expect(report.feeds.map((feed) => feed.state)).toEqual(report.feeds.map(() => "done"));
    await runReconciliation({}, { actorName: "Test", now });
  } finally {
    await sandbox.close();
  }
  return world;
}

type Amount = Readonly<{ period: string; currency: string; net: bigint; tax: bigint; gross: bigint }>;

export type Found = Readonly<{
  cause: string;
  entity_id: string;
  order_source_id: string | null;
  document_number: string | null;
  document_kind: string;
  currency: string;
  amounts: readonly Readonly<{
    period: string;
    currency?: string;
    net: string;
    tax: string;
    gross: string;
  }>[];
  ambiguous: boolean;
  /** the codes of the causes that would explain it as well */
  alternatives: readonly string[];
}>;

/** The exceptions of the books that are not resolved: how far orders are is another matter, and of status.test.ts. */
export async function exceptions(pool: pg.Pool): Promise<readonly Found[]> {
  const { rows } = await pool.query<Found>(
    `SELECT cause, entity_id, order_source_id, document_number, document_kind, currency, amounts, ambiguous,
            ARRAY(SELECT DISTINCT c->>'code' FROM jsonb_path_query(coalesce(evidence, '{}'), '$.alternatives[*].causes[*]') AS c
                   ORDER BY 1) AS alternatives
       FROM exception WHERE state <> 'resolved' AND cause <> 'status-drift'`,
  );
  return rows;
}

/** What is wrong, as text by subject: cause, order (or ERP document where no order is known) and kind. */
export type BySubject = ReadonlyMap<string, string>;

/** Amounts per subject, period and currency; those of nothing left out. */
function bySubject(rows: readonly Readonly<{ key: string; amounts: readonly Amount[] }>[]): BySubject {
  const sums = new Map<string, Map<string, [bigint, bigint, bigint]>>();
  for (const { key, amounts } of rows) {
    const cells = sums.get(key) ?? new Map<string, [bigint, bigint, bigint]>();
    sums.set(key, cells);
    for (const { period, currency, net, tax, gross } of amounts) {
      const cell = `${period} ${currency}`;
      const [n, t, g] = cells.get(cell) ?? [0n, 0n, 0n];
      cells.set(cell, [n + net, t + tax, g + gross]);
    }
  }
  const text = (cells: Map<string, [bigint, bigint, bigint]>) =>
    [...cells]
      .filter(([, amounts]) => amounts.some((amount) => amount !== 0n))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([cell, amounts]) => `${cell} ${amounts.join("/")}`)
      .join("; ");
  return new Map([...sums].map(([key, cells]) => [key, text(cells)]));
}

/** The subject of an exception, as `planted` and `found` name it. */
export const subjectOf = (row: Found): string =>
  keyOf(row.cause, row.entity_id, row.order_source_id, row.document_number, row.document_kind);

function keyOf(
  cause: string,
  entity: string,
  order: string | null,
  document: string | null,
  kind: string,
): string {
  if (cause === "record-failed") return `${cause} ${entity} ${order}`;
  return order === null ? `${cause} ${entity} ${document}` : `${cause} ${entity} ${order} ${kind}`;
}

/** What was planted in the world and has happened by NOW. */
export function planted(world: World): BySubject {
  return comparable(
    bySubject(
      plantedTruth(world, NOW.getTime()).map((fault) => ({
        key: keyOf(fault.cause, fault.entity, fault.orderId, fault.erpDocument ?? null, fault.documentKind),
        amounts: fault.amounts,
      })),
    ),
  );
}

/** What the product says. */
export function found(rows: readonly Found[]): BySubject {
  return comparable(
    bySubject(
      rows.map((row) => ({
        key: subjectOf(row),
        amounts: row.amounts.map((one) => ({
          period: one.period,
          currency: one.currency ?? row.currency,
          net: BigInt(one.net),
          tax: BigInt(one.tax),
          gross: BigInt(one.gross),
        })),
      })),
    ),
  );
}

/** Rounding that cancels out within an order is found line by line and stated in the truth order by order: only sums compare. */
function comparable(subjects: BySubject): BySubject {
  const past = (amounts: string) =>
    amounts
      .split("; ")
      .filter((one) => MONTHS.includes(one.slice(0, 7)))
      .join("; ");
  return new Map(
    [...subjects]
      .map(([key, amounts]) => [key, key.startsWith("rounding ") ? past(amounts) : amounts] as const)
      .filter(([key, amounts]) => !(key.startsWith("rounding ") && amounts === "")),
  );
}
