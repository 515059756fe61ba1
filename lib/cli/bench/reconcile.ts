import { explainGroup } from "@/lib/causes/explain";
import { inTransaction, ownerPool } from "@/lib/db/pool";
import type { BookDocument, BookLine } from "@/lib/domain/document";
import type { Group } from "@/lib/domain/group";
import { loadGroups } from "@/lib/matching/groups";
import { runReconciliation } from "@/lib/matching/reconcile";
import { loadEntities } from "@/lib/matching/settings";
import { writeLedger } from "@/lib/sync/store/ledger";
import { benchExplain } from "./explain";
import { CONTEXT, ENTITY } from "./load";
import { percentile } from "./measure";

/** What a reconciliation of everything found. */
export type Reconciled = Readonly<{
  groups: number;
  agreed: number;
  outcome: string;
  /** exceptions by cause */
  causes: Readonly<Record<string, number>>;
}>;

/** Matches, explains, stores and proves every group. */
export async function reconcileAll(): Promise<Reconciled> {
  const { entities } = await runReconciliation({ entityId: ENTITY }, CONTEXT);
  const [report] = entities;
  if (!report) throw new Error("nothing was reconciled");
  const { rows } = await ownerPool().query<{ cause: string; count: bigint }>(
    "SELECT cause, count(*) FROM exception WHERE entity_id = $1 GROUP BY cause ORDER BY cause",
    [ENTITY],
  );
  return {
    groups: report.groups,
    agreed: report.agreed,
    outcome: report.outcome,
    causes: Object.fromEntries(rows.map((row) => [row.cause, Number(row.count)])),
  };
}

/** Milliseconds from asking until it is stored, order by order. */
export type Rematched = Readonly<{ orders: number; p50: number; p95: number; max: number }>;

const WARM_UP = 10;

/**
 * Changes one amount of one ERP document of an order, through the store, and matches that order again; `orders` times,
 * after some to warm up. Only the matching is timed.
 */
export async function rematchOrders(orders: number): Promise<Rematched> {
  const { rows } = await ownerPool().query<ChangedDocument>(
    `SELECT d.order_key, d.connection_id, v.content FROM document d
       JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
      WHERE d.entity_id = $1 AND d.side = 'erp' AND d.kind = 'sale' ORDER BY d.id LIMIT $2`,
    [ENTITY, orders + WARM_UP],
  );
  const taken: number[] = [];
  for (const row of rows) {
    await changeAmount(row);
    const started = performance.now();
    await runReconciliation({ entityId: ENTITY, orderKeys: [row.order_key] }, CONTEXT);
    taken.push(performance.now() - started);
  }
  const counted = taken.slice(WARM_UP);
  return {
    orders: counted.length,
    p50: percentile(counted, 0.5),
    p95: percentile(counted, 0.95),
    max: percentile(counted, 1),
  };
}

type ChangedDocument = Readonly<{ order_key: string; connection_id: string; content: BookDocument }>;

/** A cent more tax and gross on the document's first line. */
async function changeAmount({ connection_id: connectionId, content }: ChangedDocument): Promise<void> {
  const lines = content.lines.map((line, index) => {
    const known = amountsOf(line);
    if (index > 0 || known.tax === null) return known;
    return { ...known, tax: known.tax + 1n, gross: known.gross + 1n };
  });
  const document: BookDocument = {
    ...content,
    modifiedAt: null,
    stated: { net: null, tax: null, gross: null },
    lines,
  };
  await inTransaction(ownerPool(), (client) =>
    writeLedger(
      client,
      {
        entityId: ENTITY,
        connectionId,
        feedId: `${ENTITY}/file/ledger`,
        runId: "00000000-0000-0000-0000-000000000000",
        at: CONTEXT.now(),
        policy: { recognition: "shipped", timeZone: "Europe/Berlin", shippingRefund: "whole-order" },
        rederive: false,
      },
      [{ document, recordId: null }],
    ),
  );
}

/** JSON has amounts as texts. */
function amountsOf(line: BookLine): BookLine {
  const amount = (value: unknown): bigint | null => (typeof value === "string" ? BigInt(value) : null);
  return {
    ...line,
    discount: amount(line.discount),
    net: amount(line.net),
    tax: amount(line.tax),
    gross: amount(line.gross) ?? 0n,
    at: line.at === null ? null : new Date(line.at),
  };
}

/** Groups that differ, and how many of them a second were explained: stored ones, and ones made for the purpose. */
export type ExplainRate = Readonly<{
  groups: number;
  perSecond: number;
  made: number;
  madePerSecond: number;
}>;

const ROUNDS = 3;
const MADE = 20_000;

/** Explains stored groups that differ, in memory, over and over; the best round counts. */
export async function explainStored(groupsMax: number): Promise<ExplainRate> {
  const groups = await differingGroups(groupsMax);
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    for (const group of groups) explainGroup(group);
    best = Math.max(best, groups.length / ((performance.now() - started) / 1000));
  }
  return { groups: groups.length, perSecond: best, made: MADE, madePerSecond: benchExplain(MADE).perSecond };
}

async function differingGroups(groupsMax: number): Promise<readonly Group[]> {
  return inTransaction(ownerPool(), async (client) => {
    const [entity] = await loadEntities(client, ENTITY);
    if (!entity) throw new Error(`there is no entity ${ENTITY}`);
    const { rows } = await client.query<{ order_key: string }>(
      "SELECT DISTINCT order_key FROM exception WHERE entity_id = $1 ORDER BY order_key LIMIT $2",
      [ENTITY, groupsMax],
    );
    return loadGroups(
      client,
      entity,
      CONTEXT.now(),
      rows.map((row) => row.order_key),
    );
  });
}
