import type pg from "pg";
import type { Cause } from "@/lib/causes/contract";
import { dueOf } from "@/lib/domain/due";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { Minor } from "@/lib/domain/money";
import { activeState, stateAfter } from "@/lib/exceptions/machine";
import { countExceptions } from "./exception-tally";
import { EVENT_COLUMNS, event, type Moment } from "./exceptions";
import { countRootCauses } from "./root-causes";
import { insertJson } from "./write";

/** An exception that stands beside the groups, as it is found now. It has no amount: its figures are in its words. */
export type Standing = Readonly<{
  orderKey: string;
  /** what it is about, by names of its source and without amounts: with the cause its identity */
  subject: string;
  documentKind: string;
  orderReference: string | null;
  documentNumber: string | null;
  period: string;
  currency: string;
  /** what exceptions with one root cause share */
  signature: string;
  explanation: string;
  steps: readonly string[];
  /** what it is about, as a hash: a person's acceptance holds for as long as this stays; without one none can be accepted */
  basis?: string;
  /** of which shop and channel it is, and the day of the matter; left out: of none */
  place?: Readonly<{ shopId: string | null; channel: string | null; businessDay: string }>;
  /** whose it is, where that is not the cause's team */
  ownerTeam?: string;
  /** what is to be done, where that is not the cause's own resolution */
  resolution?: string;
  /** the order's id at its source, for people who look for it there */
  orderSourceId?: string;
  /** how much money it is about, in minor units, for its due date and for who may accept it; null: unknown */
  worth?: Minor | null;
  /** what it is about, as lists name it, where that is no order */
  about?: string | null;
  /** what it comes to in a few words, as lists have it in the place of an amount */
  matter?: string | null;
}>;

type Held = Readonly<{
  id: string;
  order_key: string;
  state: string;
  assignee_id: string | null;
  explanation: string;
  /** what it was about when it was found or changed last, and when a person accepted it last */
  basis: string | null;
  accepted: string | null;
  about: string | null;
  matter: string | null;
}>;

/**
 * Brings the exceptions of one standing cause of an entity up to what is found now: new ones are opened, those that come
 * again reopened, their words kept up, and those that are gone resolved with the words of `cleared`. Figures that move on
 * by themselves make no event each time. Inside the caller's transaction.
 */
export async function keepStanding(
  client: pg.PoolClient,
  entityId: string,
  { cause, ownerTeam, cleared }: Readonly<{ cause: Cause; ownerTeam: string; cleared: string }>,
  found: readonly Standing[],
  moment: Moment,
): Promise<Readonly<{ opened: number; resolved: number }>> {
  const { rows } = await client.query<Held>(
    `SELECT e.id, e.order_key, e.state, e.assignee_id, e.explanation, e.about, e.matter, e.evidence ->> 'basis' AS basis,
            (SELECT a.basis FROM acceptance a WHERE a.order_key = e.order_key AND a.exception_id = e.id
              ORDER BY a.accepted_at DESC LIMIT 1) AS accepted
       FROM exception e WHERE e.entity_id = $1 AND e.cause = $2`,
    [entityId, cause.code],
  );
  const held = new Map(rows.map((row) => [row.id, row]));
  const now = found.map((one) => ({ ...one, id: idOf("exception", cause.code, entityId, one.subject) }));
  const ids = new Set(now.map((one) => one.id));
  const fresh = now.filter((one) => !held.has(one.id));
  const back = now.filter((one) => isOver(held.get(one.id), one));
  const moved = now.filter((one) => {
    const before = held.get(one.id);
    if (before === undefined) return false;
    return (
      isOver(before, one) ||
      before.explanation !== one.explanation ||
      before.basis !== (one.basis ?? null) ||
      before.about !== (one.about ?? null) ||
      before.matter !== (one.matter ?? null)
    );
  });
  const gone = rows.filter((row) => row.state !== "resolved" && !ids.has(row.id));
  await insertJson(
    client,
    "exception",
    COLUMNS,
    fresh.map((one) => rowOf(one, entityId, cause, ownerTeam, moment)),
  );
  for (const one of moved) await move(client, one, held.get(one.id), moment);
  for (const one of gone) {
    await client.query(
      `UPDATE exception SET state = 'resolved', resolved_at = $3, last_run_id = $4, waiting_on = NULL, waiting_until = NULL,
              version = version + 1 WHERE order_key = $1 AND id = $2`,
      [one.order_key, one.id, moment.at, moment.runId],
    );
  }
  await countExceptions(
    client,
    [...[...fresh, ...moved].map((one) => one.orderKey), ...gone.map((one) => one.order_key)],
    moment.at,
  );
  await insertJson(client, "exception_event", EVENT_COLUMNS, [
    ...fresh.map((one) => event(one.orderKey, one.id, "found", one.explanation, moment)),
    ...back.map((one) => event(one.orderKey, one.id, "reopened", one.explanation, moment)),
    ...gone.map((one) => event(one.order_key, one.id, "resolved", cleared, moment)),
  ]);
  // It may be outside a run: the next one would count them, and until then their root causes would be wrong.
  const touched = [...fresh, ...back, ...gone].map((one) => one.id);
  if (touched.length > 0) {
    const { rows: roots } = await client.query<{ id: string }>(
      `SELECT DISTINCT root_cause_id AS id FROM exception WHERE entity_id = $1 AND cause = $2 AND id = ANY ($3::uuid[])`,
      [entityId, cause.code, touched],
    );
    await countRootCauses(
      client,
      entityId,
      roots.map((root) => root.id),
      moment.at,
    );
  }
  return { opened: fresh.length + back.length, resolved: gone.length };
}

/** Keeps the words of one up; where it was over, it is acted on again and due anew. */
async function move(
  client: pg.PoolClient,
  one: Standing & Readonly<{ id: string }>,
  before: Held | undefined,
  moment: Moment,
): Promise<void> {
  const again = isOver(before, one);
  const due = dueOf(moment.due, moment, one.worth ?? 0n, one.currency);
  await client.query(
    `UPDATE exception SET explanation = $3, evidence = $4::jsonb, period = $5, last_seen_at = $6, last_run_id = $7,
            resolved_at = NULL, version = version + CASE WHEN $8 THEN 1 ELSE 0 END, about = $12, matter = $13,
            state = CASE WHEN $8 THEN $9 ELSE state END, due = CASE WHEN $8 THEN $10::date ELSE due END,
            due_why = CASE WHEN $8 THEN $11 ELSE due_why END, due_by_hand = due_by_hand AND NOT $8,
            escalated_at = CASE WHEN $8 THEN NULL ELSE escalated_at END
      WHERE order_key = $1 AND id = $2`,
    [
      one.orderKey,
      one.id,
      one.explanation,
      evidenceOf(one),
      one.period,
      moment.at,
      moment.runId,
      again,
      stateAfter(before?.state ?? "", "reopen", before?.assignee_id != null) ?? activeState(false),
      due.day,
      due.why,
      one.about ?? null,
      one.matter ?? null,
    ],
  );
}

/** Whether what is held was ended and what is found now opens it again: resolved, or accepted when it was about something else. */
const isOver = (before: Held | undefined, now: Standing): boolean =>
  before?.state === "resolved" ||
  (before?.state === "accepted" && (before.accepted === null || before.accepted !== (now.basis ?? null)));

const evidenceOf = (one: Standing): string => toJson(evidence(one));

const evidence = ({ steps, basis, worth }: Standing) => ({
  lines: [],
  documents: [],
  steps,
  ...(basis === undefined ? {} : { basis }),
  ...(worth === undefined ? {} : { worth }),
});

const COLUMNS = `order_key uuid, id uuid, subject_key uuid, entity_id text, cause text, order_reference text, order_source_id text,
  document_number text, document_kind text, source_line text, signature text, state text, bucket text, severity text,
  owner_team text, due date, due_why text, due_by_hand boolean, currency text, period text, net bigint, tax bigint, gross bigint, amounts jsonb,
  explanation text, evidence jsonb, resolution text, first_seen_at timestamptz, last_seen_at timestamptz,
  last_run_id uuid, version int, shop_id text, channel text, business_day date, about text, matter text`;

function rowOf(
  one: Standing & Readonly<{ id: string }>,
  entityId: string,
  cause: Cause,
  ownerTeam: string,
  moment: Moment,
): Record<string, unknown> {
  const due = dueOf(moment.due, moment, one.worth ?? 0n, one.currency);
  return {
    order_key: one.orderKey,
    id: one.id,
    subject_key: idOf("subject", entityId, cause.code, one.subject),
    entity_id: entityId,
    cause: cause.code,
    order_reference: one.orderReference,
    order_source_id: one.orderSourceId ?? null,
    document_number: one.documentNumber,
    document_kind: one.documentKind,
    source_line: one.subject,
    signature: one.signature,
    state: "new",
    bucket: cause.bucket,
    severity: cause.severity,
    owner_team: one.ownerTeam ?? ownerTeam,
    due: due.day,
    due_why: due.why,
    due_by_hand: false,
    currency: one.currency,
    period: one.period,
    net: 0n,
    tax: 0n,
    gross: 0n,
    amounts: [],
    explanation: one.explanation,
    evidence: evidence(one),
    resolution: one.resolution ?? cause.resolution,
    first_seen_at: moment.at,
    last_seen_at: moment.at,
    last_run_id: moment.runId,
    version: 0,
    shop_id: one.place?.shopId ?? null,
    channel: one.place?.channel ?? null,
    business_day: one.place?.businessDay ?? null,
    about: one.about ?? null,
    matter: one.matter ?? null,
  };
}
