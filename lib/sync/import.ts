import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, lockInTransaction, ownerPool } from "@/lib/db/pool";
import type { SourceControl } from "@/lib/domain/control";
import type { BookDocument } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { RecognitionPolicy } from "@/lib/domain/recognition";
import type { Profile } from "@/lib/import/profile";
import { parseImport } from "@/lib/import/read";
import type { PostedChange, StoreContext } from "./store/context";
import { keepControls } from "./store/controls";
import { writeFileOrders } from "./store/file-orders";
import { writeLedger } from "./store/ledger";
import { storable } from "./store/rows";

export type ImportRequest = Readonly<{
  side: "sales" | "ledger";
  entityId: string;
  fileName: string;
  file: AsyncIterable<Uint8Array>;
  profile: Profile;
}>;

export type ImportContext = Readonly<{
  actorName: string;
  actor: AuditActor;
  now: () => Date;
  pool?: pg.Pool | undefined;
}>;

export type ImportReport = Readonly<{
  entity: string;
  side: "sales" | "ledger";
  file: string;
  profile: string;
  sha256: string;
  /** stored; the same bytes were stored before; or not a single row was, because of `errors` */
  state: "imported" | "already-imported" | "rejected";
  rows: number;
  documents: number;
  stored: number;
  unchanged: number;
  /** documents that were posted with other figures before */
  changed: readonly PostedChange[];
  errors: readonly Readonly<{ row: number; column: string; found: string; expected: string }>[];
  errorCount: number;
}>;

/** So many documents go into one statement; a file is one transaction all the same. */
const CHUNK = 2000;

type ImportEntity = Readonly<{ id: string; currency: string; policy: RecognitionPolicy }>;

/**
 * Imports a file of sales or ledger documents into an entity: the whole of it or nothing. The same bytes with the same
 * profile a second time change nothing.
 *
 * @throws Refusal `not-found` for an unknown entity
 */
export async function importFile(request: ImportRequest, context: ImportContext): Promise<ImportReport> {
  const pool = context.pool ?? ownerPool();
  const entity = await findEntity(pool, request.entityId);
  const { profile, side } = request;
  const parsed = await parseImport(request.file, {
    profile,
    entity: { currency: entity.currency, timeZone: entity.policy.timeZone },
  });
  const base = {
    entity: entity.id,
    side,
    file: request.fileName,
    profile: profile.name,
    sha256: parsed.sha256,
    rows: parsed.rows,
    documents: parsed.documents.length,
    stored: 0,
    unchanged: 0,
    changed: [],
    errors: parsed.errors,
    errorCount: parsed.errorCount,
  } satisfies Omit<ImportReport, "state">;
  if (parsed.errorCount > 0) {
    await keepRejection(pool, base, context);
    return { ...base, state: "rejected" };
  }
  return inTransaction(pool, async (client) => {
    await lockInTransaction(client, `books:${entity.id}`);
    const at = context.now();
    const connectionId = await provideConnection(client, entity.id, side, at);
    const fileId = idOf("file", connectionId, parsed.sha256, profile.key);
    const { rowCount } = await client.query(
      `INSERT INTO imported_file (id, connection_id, sha256, name, profile, rows, documents, imported_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
      [
        fileId,
        connectionId,
        parsed.sha256,
        storable(request.fileName),
        profile.key,
        parsed.rows,
        parsed.documents.length,
        at,
      ],
    );
    if (rowCount === 0) return { ...base, state: "already-imported", unchanged: base.documents } as const;
    const runId = randomUUID();
    const stored = await storeAll(client, side, storable(parsed.documents), parsed.controls, {
      entityId: entity.id,
      connectionId,
      feedId: `${entity.id}/file/${side}`,
      runId,
      at,
      policy: entity.policy,
      rederive: false,
    });
    const report: ImportReport = { ...base, ...stored, state: "imported" };
    await keepImport(client, runId, report, context, at);
    return report;
  });
}

async function findEntity(pool: pg.Pool, entityId: string): Promise<ImportEntity> {
  const { rows } = await pool.query<{
    currency: string;
    time_zone: string;
    sale_recognition: RecognitionPolicy["recognition"];
    shipping_refund: RecognitionPolicy["shippingRefund"];
  }>(
    `SELECT currency, time_zone, sale_recognition, shipping_refund FROM entity
      WHERE id = $1 AND retired_at IS NULL`,
    [entityId],
  );
  const row = rows[0];
  if (!row) {
    throw new Refusal(
      "not-found",
      `There is no entity ${entityId}. Make it first: tieout connect --entity ${entityId} --currency EUR --timezone Europe/Berlin`,
    );
  }
  return {
    id: entityId,
    currency: row.currency,
    policy: {
      recognition: row.sale_recognition,
      timeZone: row.time_zone,
      shippingRefund: row.shipping_refund,
    },
  };
}

/** The connection and the feed that files of a side come by; made when the first one comes. */
async function provideConnection(
  client: pg.ClientBase,
  entityId: string,
  side: "sales" | "ledger",
  at: Date,
): Promise<string> {
  const kind = `file-${side}`;
  const name = side === "sales" ? "Sales files" : "Ledger files";
  const id = idOf("connection", entityId, kind, name);
  await client.query(
    `INSERT INTO connection (id, entity_id, kind, side, name, settings, created_at)
     VALUES ($1, $2, $3, $4, $5, '{}', $6) ON CONFLICT (id) DO UPDATE SET retired_at = NULL`,
    [id, entityId, kind, side === "sales" ? "scayle" : "erp", name, at],
  );
  await client.query(
    `INSERT INTO feed (id, connection_id, entity_id, resource, interval_seconds, promise_seconds, created_at)
     VALUES ($1, $2, $3, 'file', 86400, 2678400, $4) ON CONFLICT (id) DO NOTHING`,
    [`${entityId}/file/${side}`, id, entityId, at],
  );
  return id;
}

type StoredFile = Pick<ImportReport, "stored" | "unchanged" | "changed">;

async function storeAll(
  client: pg.ClientBase,
  side: "sales" | "ledger",
  documents: readonly BookDocument[],
  controls: readonly SourceControl[],
  context: StoreContext,
): Promise<StoredFile> {
  let sum: StoredFile = { stored: 0, unchanged: 0, changed: [] };
  for (let first = 0; first < documents.length; first += CHUNK) {
    const some = documents.slice(first, first + CHUNK);
    await keepControls(
      client,
      context,
      "file",
      some.map(({ sourceId, number, modifiedAt }, index) => ({
        sourceId,
        number,
        modifiedAt,
        controls: controls.slice(first + index, first + index + 1),
      })),
    );
    const written =
      side === "sales"
        ? await writeFileOrders(client, context, some)
        : await writeLedger(
            client,
            context,
            some.map((document) => ({ document, recordId: null })),
          );
    sum = {
      stored: sum.stored + written.stored,
      unchanged: sum.unchanged + written.unchanged,
      changed: [...sum.changed, ...written.changed],
    };
  }
  return sum;
}

async function keepImport(
  client: pg.PoolClient,
  runId: string,
  report: ImportReport,
  context: ImportContext,
  at: Date,
): Promise<void> {
  const feedId = `${report.entity}/file/${report.side}`;
  await client.query("UPDATE feed SET confirmed_until = greatest(confirmed_until, $2) WHERE id = $1", [
    feedId,
    at,
  ]);
  await client.query(
    `INSERT INTO run (id, kind, entity_id, feed_id, scope, state, started_at, finished_at, as_of, found, stored, unchanged, actor_name)
     VALUES ($1, 'import', $2, $3, $4::jsonb, 'done', $5, $6, $5, $7, $8, $9, $10)`,
    [
      runId,
      report.entity,
      feedId,
      toJson({ file: report.file, profile: report.profile }),
      at,
      context.now(),
      report.documents,
      report.stored,
      report.unchanged,
      context.actorName,
    ],
  );
  const { errors: _, changed, ...after } = report;
  await appendAudit(client, {
    chain: report.entity,
    at,
    actor: context.actor,
    action: "run.import",
    subject: `feed:${feedId}`,
    outcome: "done",
    before: null,
    after: { ...after, changed: changed.map((one) => one.number) },
  });
}

/** A file that was turned away leaves a run that says why, and nothing else. */
async function keepRejection(
  pool: pg.Pool,
  report: Omit<ImportReport, "state">,
  context: ImportContext,
): Promise<void> {
  const [first] = report.errors;
  const at = context.now();
  await inTransaction(pool, async (client) => {
    await client.query(
      `INSERT INTO run (id, kind, entity_id, scope, state, started_at, finished_at, error, actor_name)
       VALUES ($1, 'import', $2, $3::jsonb, 'failed', $4, $4, $5, $6)`,
      [
        randomUUID(),
        report.entity,
        toJson({ file: report.file, profile: report.profile, side: report.side }),
        at,
        storable(
          `${report.errorCount} errors, nothing stored. Row ${first?.row}: ${first?.column} is ${first?.found}, expected ${first?.expected}.`,
        ),
        context.actorName,
      ],
    );
    await appendAudit(client, {
      chain: report.entity,
      at,
      actor: context.actor,
      action: "run.import",
      subject: `file:${report.file}`,
      outcome: "refused",
      before: null,
      after: { rows: report.rows, errors: report.errorCount },
    });
  });
}
