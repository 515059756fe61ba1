import { createHash, type Hash, randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, lockInTransaction, ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { RecognitionPolicy } from "@/lib/domain/recognition";
import type { Taken } from "@/lib/import/intake";
import { NotPlain } from "@/lib/import/plain-records";
import type { Profile } from "@/lib/import/profile";
import {
  fileHash,
  type ImportOptions,
  type Portion,
  parseImport,
  portionsOf,
  streamImport,
} from "@/lib/import/read";
import type { PostedChange } from "./store/context";
import { createFileStore, type FileStore, type StoredFile } from "./store/file-store";
import { storable } from "./store/rows";

export type ImportRequest = Readonly<{
  side: "sales" | "ledger";
  entityId: string;
  fileName: string;
  /** opens the file: it is hashed first, then read, and read once more where its kind demands it */
  open: () => AsyncIterable<Uint8Array>;
  profile: Profile;
  /** when the source wrote the file, as whoever hands it over says; absent where nobody says: a CSV file doesn't either */
  exportedAt?: Date | undefined;
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
  /** the moment up to which the file says all there is, where it says so for later than was known before */
  confirmedUntil: Date | null;
  /** documents that were posted with other figures before */
  changed: readonly PostedChange[];
  errors: readonly Readonly<{ row: number; column: string; found: string; expected: string }>[];
  errorCount: number;
}>;

type ImportEntity = Readonly<{ id: string; currency: string; policy: RecognitionPolicy }>;

/**
 * Imports a file of sales or ledger documents into an entity: the whole of it or nothing. The same bytes with the same
 * profile a second time change no document; they confirm the feed up to when they were exported, where that is said. When
 * they are handed over is a fact about us: an old file that is imported again by mistake must not make its source look
 * current. What is new is taken as current when it comes, unless it is said when it was exported. A plain file is stored while it is read, however large; one whose documents'
 * rows are scattered, or whose CSV is odd, is read as a whole first.
 *
 * @throws Refusal `not-found` for an unknown entity, `invalid` for an export in the future, `conflict` where the file
 *   changed while it was read
 */
export async function importFile(request: ImportRequest, context: ImportContext): Promise<ImportReport> {
  const pool = context.pool ?? ownerPool();
  const entity = await findEntity(pool, request.entityId);
  if (request.exportedAt && request.exportedAt > context.now()) {
    throw new Refusal("invalid", `${request.fileName} can't have been exported in the future.`);
  }
  const file: ImportedFile = { request, entity, sha256: await fileHash(request.open()) };
  try {
    return await importOnce(pool, file, context, { read: streamed, compare: false });
  } catch (error) {
    if (isDuplicate(error)) return await importOnce(pool, file, context, { read: whole, compare: true });
    if (!(error instanceof NotPlain)) throw error;
  }
  try {
    return await importOnce(pool, file, context, { read: whole, compare: false });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return await importOnce(pool, file, context, { read: whole, compare: true });
  }
}

/** How a file is read, and whether each document is compared with what is held although it seems new. */
type Way = Readonly<{ read: Reading; compare: boolean }>;

type ImportedFile = Readonly<{ request: ImportRequest; entity: ImportEntity; sha256: string }>;

/** A way to read a file and hand on what is in it. */
type Reading = (file: ImportedFile, store: (portion: Portion) => Promise<void>) => Promise<Taken>;

const optionsOf = ({ request, entity }: ImportedFile): ImportOptions => ({
  profile: request.profile,
  entity: { currency: entity.currency, timeZone: entity.policy.timeZone },
});

const streamed: Reading = (file, store) => streamImport(file.request.open(), optionsOf(file), store);

const whole: Reading = async (file, store) => {
  const result = await parseImport(file.request.open(), optionsOf(file));
  for (const portion of portionsOf(result)) await store(portion);
  return { ...result, documents: result.documents.length };
};

/** Two documents of one identity: only the careful way, which compares versions, can tell which one is newer. */
const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "23505";

/** Thrown to undo what was stored of a file in which something is wrong. */
class Rejected extends Error {
  readonly report: ImportReport;

  constructor(report: ImportReport) {
    super(`${report.file} has errors.`);
    this.report = report;
  }
}

async function importOnce(
  pool: pg.Pool,
  file: ImportedFile,
  context: ImportContext,
  way: Way,
): Promise<ImportReport> {
  try {
    return await inTransaction(pool, (client) => storeFile(client, file, context, way));
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    await keepRejection(pool, error.report, context);
    return error.report;
  }
}

async function storeFile(
  client: pg.PoolClient,
  file: ImportedFile,
  context: ImportContext,
  { read, compare }: Way,
): Promise<ImportReport> {
  const { request, entity, sha256 } = file;
  const { profile, side } = request;
  await lockInTransaction(client, `books:${entity.id}`);
  const at = context.now();
  const connectionId = await provideConnection(client, entity.id, side, at);
  const base = {
    entity: entity.id,
    side,
    file: request.fileName,
    profile: profile.name,
    sha256,
    stored: 0,
    unchanged: 0,
    confirmedUntil: null,
    changed: [],
    errors: [],
    errorCount: 0,
  } as const;
  const before = await importedBefore(client, connectionId, sha256, profile.key);
  if (before) {
    const again = { ...base, ...before, state: "already-imported", unchanged: before.documents } as const;
    return confirmAgain(client, again, request.exportedAt, context, at);
  }
  const fileId = idOf("file", connectionId, sha256, profile.key);
  const runId = randomUUID();
  const store = await createFileStore(
    client,
    side,
    {
      entityId: entity.id,
      connectionId,
      feedId: feedIdOf(base),
      runId,
      at,
      policy: entity.policy,
      rederive: false,
    },
    { fileId, compare },
  );
  const { taken, stored } = await readInto(store, file, base, read).catch(async (error: unknown) => {
    await store.abandon();
    throw error;
  });
  await client.query(
    `INSERT INTO imported_file (id, connection_id, sha256, name, profile, rows, documents, imported_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [fileId, connectionId, sha256, storable(request.fileName), profile.key, taken.rows, taken.documents, at],
  );
  const confirmedUntil = await confirm(client, base, request.exportedAt ?? at);
  const report: ImportReport = { ...base, ...taken, ...stored, confirmedUntil, state: "imported" };
  await keepImport(client, runId, report, context, at);
  return report;
}

/**
 * Reads the file into the store.
 *
 * @throws Rejected where anything in it is wrong; Refusal `conflict` where it changed since it was hashed
 */
async function readInto(
  store: FileStore,
  file: ImportedFile,
  base: Omit<ImportReport, "state" | "rows" | "documents">,
  read: Reading,
): Promise<Readonly<{ taken: Omit<Taken, "control">; stored: StoredFile }>> {
  const { request, sha256 } = file;
  const hash = createHash("sha256");
  const open = () => hashed(request.open(), hash);
  const { control: _, ...taken } = await read({ ...file, request: { ...request, open } }, store.add);
  if (taken.errorCount > 0) throw new Rejected({ ...base, ...taken, documents: 0, state: "rejected" });
  if (hash.digest("hex") !== sha256) {
    throw new Refusal("conflict", `${request.fileName} changed while it was read: import it again.`);
  }
  return { taken, stored: await store.finish() };
}

/** The same bytes, hashed on their way. */
async function* hashed(stream: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
}

/** What the same bytes came to when the same profile read them, if they were imported before. */
async function importedBefore(
  client: pg.ClientBase,
  connectionId: string,
  sha256: string,
  profileKey: string,
): Promise<Readonly<{ rows: number; documents: number }> | undefined> {
  const { rows } = await client.query<{ rows: number; documents: number }>(
    "SELECT rows, documents FROM imported_file WHERE connection_id = $1 AND sha256 = $2 AND profile = $3",
    [connectionId, sha256, profileKey],
  );
  return rows[0];
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

const feedIdOf = ({ entity, side }: Pick<ImportReport, "entity" | "side">): string =>
  `${entity}/file/${side}`;

/** Moves the moment up to which a feed of files is confirmed, never back. Returns it, or null where it stays. */
async function confirm(
  client: pg.ClientBase,
  of: Pick<ImportReport, "entity" | "side">,
  until: Date,
): Promise<Date | null> {
  const { rowCount } = await client.query(
    "UPDATE feed SET confirmed_until = $2 WHERE id = $1 AND (confirmed_until IS NULL OR confirmed_until < $2)",
    [feedIdOf(of), until],
  );
  return rowCount === 0 ? null : until;
}

/** The same bytes once more: where it is said when they were exported, their source had nothing newer by then. */
async function confirmAgain(
  client: pg.PoolClient,
  report: ImportReport,
  exportedAt: Date | undefined,
  { actor }: ImportContext,
  at: Date,
): Promise<ImportReport> {
  const confirmedUntil = exportedAt ? await confirm(client, report, exportedAt) : null;
  if (confirmedUntil === null) return report;
  const { file, sha256, profile } = report;
  await appendAudit(client, {
    chain: report.entity,
    at,
    actor,
    action: "run.import",
    subject: `feed:${feedIdOf(report)}`,
    outcome: "done",
    before: null,
    after: { file, sha256, profile, state: report.state, confirmedUntil },
  });
  return { ...report, confirmedUntil };
}

async function keepImport(
  client: pg.PoolClient,
  runId: string,
  report: ImportReport,
  context: ImportContext,
  at: Date,
): Promise<void> {
  const feedId = feedIdOf(report);
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
async function keepRejection(pool: pg.Pool, report: ImportReport, context: ImportContext): Promise<void> {
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
