import type pg from "pg";
import { recordFailed } from "@/lib/causes/record-failed";
import { causeOf } from "@/lib/causes/registry";
import { dayIn, monthOf } from "@/lib/domain/day";
import { dueOf } from "@/lib/domain/due";
import { idOf } from "@/lib/domain/identity";
import { activeState } from "@/lib/exceptions/machine";
import { countExceptions } from "./exception-tally";
import { EVENT_COLUMNS, event, type Moment } from "./exceptions";
import { IS_GONE } from "./gone-orders";
import { insertJson } from "./write";

type FailedRow = Readonly<{
  order_key: string;
  id: string;
  connection_id: string;
  resource: string;
  source_id: string;
  reference: string | null;
  reason: string;
  payload: unknown;
  first_seen_at: Date;
  /** when it could be read again, or was found to be an order that its source has no more */
  resolved_at: Date | null;
}>;

/**
 * Opens an exception for each record of an entity that could not be read, and resolves those of records that can be
 * read by now. Their amounts are unknown; they count in no total and keep their month from tying out.
 * Returns the months in which something came or went.
 */
export async function reconcileFailedRecords(
  client: pg.PoolClient,
  entityId: string,
  ownerTeam: string,
  moment: Moment,
): Promise<readonly string[]> {
  const { rows } = await client.query<FailedRow & { exception_id: string | null; state: string | null }>({
    name: "failed-records-of-entity",
    text: `SELECT f.order_key, f.id, f.connection_id, f.resource, f.source_id, f.reference, f.reason, f.payload, f.first_seen_at,
              CASE WHEN ${IS_GONE} THEN coalesce(f.resolved_at, f.gone_at) ELSE f.resolved_at END AS resolved_at,
              e.id AS exception_id, e.state FROM failed_record f
       LEFT JOIN exception e ON e.order_key = f.order_key AND e.cause = 'record-failed' AND e.source_line = f.resource || ' ' || f.source_id
      WHERE f.entity_id = $1 AND (f.resolved_at IS NULL OR e.state <> 'resolved')`,
    values: [entityId],
  });
  const fresh = rows.filter((row) => row.resolved_at === null && row.exception_id === null);
  await insertJson(
    client,
    "exception",
    COLUMNS,
    fresh.map((row) => exceptionRow(row, entityId, ownerTeam, moment)),
  );
  const back = rows.filter((row) => row.resolved_at === null && row.state === "resolved");
  const healed = rows.filter(
    (row) => row.resolved_at !== null && row.exception_id !== null && row.state !== "resolved",
  );
  await reopen(client, back, moment);
  await resolve(client, healed, moment.at);
  await countExceptions(
    client,
    [...fresh, ...back, ...healed].map((row) => row.order_key),
    moment.at,
  );
  await insertJson(client, "exception_event", EVENT_COLUMNS, [
    ...fresh.map((row) => event(row.order_key, exceptionId(entityId, row), "found", row.reason, moment)),
    ...back.map((row) => event(row.order_key, exceptionId(entityId, row), "reopened", row.reason, moment)),
    ...healed.map((row) =>
      event(
        row.order_key,
        exceptionId(entityId, row),
        "resolved",
        "It fails no more: a later version could be read, or its source deleted it.",
        moment,
      ),
    ),
  ]);
  return [...fresh, ...back, ...healed].map((row) => periodOf(row, moment.timeZone));
}

const exceptionId = (entityId: string, row: FailedRow): string =>
  idOf("exception", recordFailed.code, entityId, row.connection_id, row.resource, row.source_id);

const COLUMNS = `order_key uuid, id uuid, subject_key uuid, entity_id text, cause text, order_reference text,
  order_source_id text, document_number text, document_kind text, source_line text, signature text, state text,
  bucket text, severity text, owner_team text, due date, due_why text, due_by_hand boolean, currency text, period text, net bigint, tax bigint,
  gross bigint, amounts jsonb, explanation text, evidence jsonb, resolution text, first_seen_at timestamptz,
  last_seen_at timestamptz, last_run_id uuid, version int`;

function exceptionRow(
  row: FailedRow,
  entityId: string,
  ownerTeam: string,
  moment: Moment,
): Record<string, unknown> {
  const cause = causeOf(recordFailed.code) ?? recordFailed;
  const isOrder = row.resource === "orders";
  const currency = currencyOf(row.payload);
  const due = dueOf(moment.due, moment, 0n, currency);
  return {
    order_key: row.order_key,
    id: exceptionId(entityId, row),
    subject_key: idOf("subject", entityId, row.connection_id, row.resource, row.source_id),
    entity_id: entityId,
    cause: cause.code,
    order_reference: isOrder ? (row.reference ?? row.source_id) : null,
    order_source_id: isOrder ? row.source_id : null,
    document_number: isOrder ? null : (row.reference ?? row.source_id),
    document_kind: "sale",
    source_line: `${row.resource} ${row.source_id}`,
    signature: row.reason.replaceAll(/[0-9]+/g, "#").slice(0, 200),
    state: "new",
    bucket: "failed",
    severity: cause.severity,
    owner_team: ownerTeam,
    due: due.day,
    due_why: due.why,
    due_by_hand: false,
    currency,
    period: periodOf(row, moment.timeZone),
    net: 0n,
    tax: 0n,
    gross: 0n,
    amounts: [],
    explanation: `This ${isOrder ? "order" : "record"} could not be read: ${row.reason}`,
    evidence: { lines: [], documents: [], steps: [row.reason, "The payload is kept as it arrived."] },
    resolution: cause.resolution,
    first_seen_at: moment.at,
    last_seen_at: moment.at,
    last_run_id: moment.runId,
    version: 0,
  };
}

const DATES = ["shippedAt", "invoicedAt", "postingDate", "confirmedAt", "createdAt"] as const;

/** The month a record most likely belongs to, by the dates its payload still gives; else when it arrived. */
function periodOf(row: FailedRow, timeZone: string): string {
  for (const name of DATES) {
    const text = firstText(row.payload, name);
    const instant = text ? new Date(text) : null;
    if (instant && !Number.isNaN(instant.getTime())) return monthOf(dayIn(instant, timeZone));
  }
  return monthOf(dayIn(row.first_seen_at, timeZone));
}

function currencyOf(payload: unknown): string {
  const stated = firstText(payload, "currencyCode");
  return stated && /^[A-Z]{3}$/.test(stated) ? stated : "XXX";
}

/** The first text under a name, at any depth. */
function firstText(value: unknown, name: string): string | null {
  if (Array.isArray(value))
    return value.reduce<string | null>((found, one) => found ?? firstText(one, name), null);
  if (typeof value !== "object" || value === null) return null;
  const own = Object.entries(value).find(([key, member]) => key === name && typeof member === "string");
  if (own) return own[1] as string;
  return Object.values(value).reduce<string | null>((found, one) => found ?? firstText(one, name), null);
}

/** What fails again is acted on again, by whoever has it, and due anew. */
async function reopen(client: pg.PoolClient, rows: readonly ExceptionOfRow[], moment: Moment): Promise<void> {
  if (rows.length === 0) return;
  const dues = rows.map((row) => dueOf(moment.due, moment, 0n, currencyOf(row.payload)));
  await client.query(
    `UPDATE exception AS e SET state = CASE WHEN e.assignee_id IS NULL THEN $5 ELSE $6 END, resolved_at = NULL, due = row.due,
            due_why = row.why, due_by_hand = false, escalated_at = NULL, version = e.version + 1
       FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::text[]) AS row(order_key, id, due, why)
      WHERE e.order_key = row.order_key AND e.id = row.id`,
    [
      rows.map((row) => row.order_key),
      rows.map((row) => row.exception_id),
      dues.map((due) => due.day),
      dues.map((due) => due.why),
      activeState(false),
      activeState(true),
    ],
  );
}

async function resolve(client: pg.PoolClient, rows: readonly ExceptionOfRow[], at: Date): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `UPDATE exception SET state = 'resolved', resolved_at = $3, waiting_on = NULL, waiting_until = NULL, version = version + 1
      WHERE order_key = ANY ($1::uuid[]) AND id = ANY ($2::uuid[])`,
    [rows.map((row) => row.order_key), rows.map((row) => row.exception_id), at],
  );
}

type ExceptionOfRow = Readonly<{ order_key: string; exception_id: string | null; payload: unknown }>;
