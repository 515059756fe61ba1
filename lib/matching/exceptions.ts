import { randomUUID } from "node:crypto";
import type pg from "pg";
import { causeOf } from "@/lib/causes/registry";
import type { Day } from "@/lib/domain/day";
import { type Due, type DueRules, dueOf, worthOf } from "@/lib/domain/due";
import { idOf } from "@/lib/domain/identity";
import { toJson, toPlain } from "@/lib/domain/json";
import { activeState, isOpen, stateAfter } from "@/lib/exceptions/machine";
import type { AcceptanceRule } from "./acceptance-rules";
import { countExceptions } from "./exception-tally";
import type { FoundException } from "./findings";
import { noteMoves } from "./root-causes";
import { STANDING } from "./standing-causes";
import { insertJson } from "./write";

/** An exception as an earlier run and people left it. */
type Kept = Readonly<{
  order_key: string;
  id: string;
  subject_key: string;
  cause: string;
  document_kind: string;
  state: string;
  owner_team: string;
  assignee_id: string | null;
  previous_assignee_id: string | null;
  previous_team: string | null;
  due: Day | null;
  due_why: string | null;
  due_by_hand: boolean;
  waiting_on: string | null;
  waiting_until: Day | null;
  escalated_at: Date | null;
  escalated_to_id: string | null;
  bucket: string;
  currency: string;
  ambiguous: boolean;
  amounts: unknown;
  explanation: string;
  severity: string;
  signature: string;
  business_day: string | null;
  document_number: string | null;
  order_reference: string | null;
  /** the documents that its evidence names; null where none is kept */
  documents: unknown;
  /** the recomputation that its evidence tells; null where none is kept */
  steps: unknown;
  /** the mappings that it lacks; null where it lacks none */
  missing: unknown;
}>;

/** When a run is at work, as which, where, and how long its entity gives people to act. */
export type Moment = Readonly<{
  at: Date;
  runId: string;
  timeZone: string;
  due: DueRules;
  /** who makes it so, where that is a person and not a run */
  by?: string;
}>;

const KEPT = `e.order_key, e.id, e.subject_key, e.cause, e.document_kind, e.state, e.owner_team, e.assignee_id,
  e.previous_assignee_id, e.previous_team, e.due, e.due_why, e.due_by_hand, e.waiting_on, e.waiting_until, e.escalated_at,
  e.escalated_to_id, e.bucket, e.currency, e.ambiguous, e.amounts, e.explanation, e.severity, e.signature, e.business_day, e.document_number,
  e.order_reference, e.evidence -> 'documents' AS documents, e.evidence -> 'steps' AS steps,
  e.evidence -> 'missing' AS missing`;

/** Exceptions of groups as they stand before this run. Failed records have a life of their own. */
export async function loadKept(
  client: pg.PoolClient,
  entityId: string,
  orderKeys: readonly string[],
): Promise<readonly Kept[]> {
  const { rows } = await client.query<Kept>({
    name: "exceptions-kept",
    text: `SELECT ${KEPT} FROM exception e
      WHERE e.entity_id = $1 AND e.order_key = ANY ($2::uuid[]) AND e.cause NOT IN ${STANDING} ORDER BY e.order_key, e.id`,
    values: [entityId, orderKeys],
  });
  return rows;
}

/**
 * The same exceptions as they are at this moment, which then stay so until the transaction ends: what a person did since
 * they were loaded is neither lost nor overruled. In the order in which everybody locks them.
 */
async function lockAgain(client: pg.PoolClient, kept: readonly Kept[]): Promise<ReadonlyMap<string, Kept>> {
  if (kept.length === 0) return new Map();
  const { rows } = await client.query<Kept>({
    name: "exceptions-locked",
    text: `SELECT ${KEPT} FROM exception e JOIN unnest($1::uuid[], $2::uuid[]) AS k(order_key, id) USING (order_key, id)
      ORDER BY e.order_key, e.id FOR UPDATE OF e`,
    values: [kept.map((one) => one.order_key), kept.map((one) => one.id)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * What a person accepts of an exception in a group, as a hash: its amounts. `amounts` as they are found, or as the column
 * holds them.
 */
export const amountsBasis = (amounts: unknown, currency: string): string =>
  idOf("amounts", toJson(withCurrency({ amounts, currency })));

const amountsText = (exception: FoundException): string => toJson(exception.amounts);
const sameAmounts = (kept: Kept, found: FoundException): boolean =>
  toJson(withCurrency(kept)) === amountsText(found);

/** Amounts that were stored before an exception could span currencies are of its own. */
const withCurrency = ({ amounts, currency }: Pick<Kept, "amounts" | "currency">): unknown =>
  Array.isArray(amounts) ? amounts.map((one: object) => ({ currency, ...one })) : amounts;

/** Ids of accepted exceptions whose amounts are still those that were accepted. */
export function stillAccepted(kept: readonly Kept[], found: readonly FoundException[]): ReadonlySet<string> {
  const byId = new Map(found.map((one) => [one.id, one]));
  return new Set(
    kept
      .filter((one) => {
        const now = byId.get(one.id);
        return one.state === "accepted" && now !== undefined && sameAmounts(one, now);
      })
      .map((one) => one.id),
  );
}

/**
 * Brings the exceptions of the scope up to what the run found: new ones are opened (and take over from the one they
 * succeed), changed ones updated or reopened, gone ones resolved, and those that a rule is about accepted. What did not
 * change is not written.
 */
export async function writeExceptions(
  client: pg.PoolClient,
  loaded: readonly Kept[],
  found: readonly FoundException[],
  moment: Moment,
  ruled: ReadonlyMap<string, AcceptanceRule> = new Map(),
): Promise<Readonly<{ opened: number; resolved: number }>> {
  const now = new Map(found.map((one) => [one.id, one]));
  const isTouched = (one: Kept): boolean => {
    const still = now.get(one.id);
    return still ? changeOf(still, one, ruled, moment).length > 0 : one.state !== "resolved";
  };
  const locked = await lockAgain(client, loaded.filter(isTouched));
  const kept = loaded.map((one) => locked.get(one.id) ?? one);
  const before = new Map(kept.map((one) => [one.id, one]));
  const gone = kept.filter((one) => !now.has(one.id) && one.state !== "resolved");
  const fresh = found.filter((one) => !before.has(one.id));
  const heirs = succession(gone, fresh);
  await insertJson(
    client,
    "exception",
    EXCEPTION_COLUMNS,
    fresh.map((one) => freshRow(one, heirs.get(one.id), ruled.has(one.id), moment)),
  );
  const changes = found.flatMap((one) => changeOf(one, before.get(one.id), ruled, moment));
  await applyChanges(client, changes, moment);
  const changed = new Set(changes.map((one) => one.found));
  await refreshEvidence(
    client,
    found.filter((one) => !changed.has(one) && isOutdated(one, before.get(one.id))),
  );
  await resolveGone(client, gone, moment);
  const accepted = [
    ...fresh.filter((one) => ruled.has(one.id)),
    ...changes.flatMap((one) => (one.kind === "accepted" ? [one.found] : [])),
  ];
  await keepAcceptances(client, accepted, ruled, moment);
  await insertJson(client, "exception_event", EVENT_COLUMNS, [
    // What nobody has to act on says when it was found itself; it needs no event for that.
    ...fresh
      .filter((one) => one.bucket !== "explained")
      .map((one) => event(one.orderKey, one.id, "found", one.explanation, moment)),
    ...fresh.flatMap((one) => {
      const former = heirs.get(one.id);
      return former ? [event(one.orderKey, one.id, "succeeded", inheritance(former), moment)] : [];
    }),
    ...changes.flatMap(({ found: one, kind }) =>
      kind === "accepted" ? [] : [event(one.orderKey, one.id, kind, one.explanation, moment)],
    ),
    ...accepted.flatMap((one) => {
      const rule = ruled.get(one.id);
      return rule ? [event(one.orderKey, one.id, "accepted", wordsOfRule(rule), moment)] : [];
    }),
    ...gone.map((one) =>
      event(
        one.order_key,
        one.id,
        "resolved",
        "The figures no longer show it: this reconciliation found it gone.",
        moment,
      ),
    ),
  ]);
  await countExceptions(
    client,
    [
      ...fresh.map((one) => one.orderKey),
      ...changes.map((one) => one.found.orderKey),
      ...gone.map((one) => one.order_key),
    ],
    moment.at,
  );
  return { opened: fresh.length, resolved: gone.length };
}

const inheritance = (former: Kept): string =>
  `Takes over from “${causeOf(former.cause)?.title ?? former.cause}”${
    former.state === "accepted" ? ", whose acceptance does not count for this cause" : ""
  }.`;

const wordsOfRule = ({ madeBy, decidedBy, reason }: AcceptanceRule): string =>
  `By the rule of ${madeBy}, approved by ${decidedBy}: ${reason}`;

/** Keeps what a rule accepted as what a person accepts is kept: bound to the amounts. */
async function keepAcceptances(
  client: pg.PoolClient,
  accepted: readonly FoundException[],
  ruled: ReadonlyMap<string, AcceptanceRule>,
  { at }: Moment,
): Promise<void> {
  await insertJson(
    client,
    "acceptance",
    `order_key uuid, id uuid, exception_id uuid, entity_id text, basis text, reason text, accepted_at timestamptz,
     accepted_by_id text, accepted_by text, approved_by_id text, approved_by text, rule_id uuid`,
    accepted.flatMap((one) => {
      const rule = ruled.get(one.id);
      if (!rule) return [];
      return [
        {
          order_key: one.orderKey,
          id: randomUUID(),
          exception_id: one.id,
          entity_id: one.entityId,
          basis: amountsBasis(one.amounts, one.currency),
          reason: rule.reason,
          accepted_at: at,
          accepted_by_id: rule.madeById,
          accepted_by: rule.madeBy,
          approved_by_id: rule.decidedById,
          approved_by: rule.decidedBy,
          rule_id: rule.id,
        },
      ];
    }),
  );
}

/** Who takes over from whom: the same subject under another cause, else the only one gone by the only one new. */
function succession(gone: readonly Kept[], fresh: readonly FoundException[]): ReadonlyMap<string, Kept> {
  const heirs = new Map<string, Kept>();
  for (const one of fresh) {
    const kin = gone.filter(
      (former) => former.order_key === one.orderKey && former.document_kind === one.documentKind,
    );
    const siblings = fresh.filter(
      (other) => other.orderKey === one.orderKey && other.documentKind === one.documentKind,
    );
    const former =
      kin.find((other) => other.subject_key === one.subjectKey) ??
      (kin.length === 1 && siblings.length === 1 ? kin[0] : undefined);
    if (former) heirs.set(one.id, former);
  }
  return heirs;
}

const EXCEPTION_COLUMNS = `order_key uuid, id uuid, subject_key uuid, entity_id text, cause text, order_reference text,
  order_source_id text, document_number text, document_kind text, source_line text, shop_id text, channel text,
  signature text, state text, bucket text, severity text, owner_team text, assignee_id uuid, previous_assignee_id uuid,
  previous_team text, due date, due_why text, due_by_hand boolean, waiting_on text, waiting_until date,
  escalated_at timestamptz, escalated_to_id uuid, currency text, period text, business_day date, net bigint, tax bigint, gross bigint, amounts jsonb, ambiguous boolean, explanation text, evidence jsonb, resolution text,
  first_seen_at timestamptz, last_seen_at timestamptz, last_run_id uuid, predecessor_id uuid, version int`;

function freshRow(
  one: FoundException,
  former: Kept | undefined,
  ruled: boolean,
  moment: Moment,
): Record<string, unknown> {
  const acts = one.bucket === "open";
  const active = activeState(former?.assignee_id != null);
  return {
    ...currentRow(one, moment),
    subject_key: one.subjectKey,
    cause: one.cause,
    document_kind: one.documentKind,
    source_line: one.sourceLine,
    entity_id: one.entityId,
    state: ruled ? "accepted" : acts ? active : "explained",
    owner_team: former?.owner_team ?? one.ownerTeam,
    assignee_id: former?.assignee_id ?? null,
    previous_assignee_id: former?.previous_assignee_id ?? null,
    previous_team: former?.previous_team ?? null,
    ...(acts && !ruled ? dueFrom(former, one, moment) : NOT_DUE),
    first_seen_at: moment.at,
    predecessor_id: former?.id ?? null,
    version: 0,
  };
}

const NOT_DUE = { due: null, due_why: null, due_by_hand: false, escalated_at: null, escalated_to_id: null };

/** What the rules say of an exception that is found at this moment. */
const dueNow = (one: FoundException, moment: Moment): Due =>
  dueOf(moment.due, { ...moment, businessDay: one.businessDay }, worthOf(one.amounts), one.currency);

/**
 * The due date of an exception that was due before, as itself or as the one it succeeds: a day that a person set stays, and
 * what the rules say now counts only where it is earlier. Nobody gains time by figures that move.
 */
function dueFrom(former: Kept | undefined, one: FoundException, moment: Moment): Record<string, unknown> {
  const next = dueNow(one, moment);
  const held = former !== undefined && isOpen(former.state) && former.due !== null ? former : undefined;
  if (held && (held.due_by_hand || (held.due ?? "") <= next.day)) {
    const { due, due_why, due_by_hand, escalated_at, escalated_to_id } = held;
    return { due, due_why, due_by_hand, escalated_at, escalated_to_id };
  }
  return { ...NOT_DUE, due: next.day, due_why: next.why };
}

function currentRow(one: FoundException, moment: Moment): Record<string, unknown> {
  return {
    order_key: one.orderKey,
    id: one.id,
    order_reference: one.orderReference,
    order_source_id: one.orderSourceId,
    document_number: one.documentNumber,
    shop_id: one.shopId,
    channel: one.channel,
    signature: one.signature,
    bucket: one.bucket,
    severity: one.severity,
    currency: one.currency,
    period: one.period,
    business_day: one.businessDay,
    ...one.total,
    amounts: one.amounts,
    ambiguous: one.ambiguous,
    explanation: one.explanation,
    evidence: one.evidence,
    resolution: one.resolution,
    last_seen_at: moment.at,
    last_run_id: moment.runId,
  };
}

type Change = Readonly<{
  found: FoundException;
  kind: "changed" | "reopened" | "accepted";
  state: string;
  /** by when, and on whom it waits: columns of the table */
  people: Record<string, unknown>;
}>;

function changeOf(
  found: FoundException,
  kept: Kept | undefined,
  ruled: ReadonlyMap<string, AcceptanceRule>,
  moment: Moment,
): readonly Change[] {
  if (!kept) return [];
  const sameSums = sameAmounts(kept, found);
  const same =
    sameSums &&
    kept.bucket === found.bucket &&
    kept.ambiguous === found.ambiguous &&
    kept.explanation === found.explanation &&
    kept.signature === found.signature &&
    kept.business_day === found.businessDay &&
    kept.document_number === found.documentNumber &&
    kept.order_reference === found.orderReference;
  const became = (kind: Change["kind"], state: string): readonly Change[] => [
    { found, kind, state, people: peopleAfter(found, kept, state, moment) },
  ];
  const stands = kept.state === "accepted" && sameSums;
  if (ruled.has(found.id) && !stands) return became("accepted", "accepted");
  const isOver = kept.state === "resolved" || (kept.state === "accepted" && !sameSums);
  if (isOver) {
    const step = found.bucket === "open" ? "reopen" : "explain";
    return became("reopened", stateAfter(kept.state, step, kept.assignee_id !== null) ?? "explained");
  }
  return same ? [] : became("changed", stateOfChanged(kept, found));
}

/** An exception that clears itself (a cut-off whose months are over) is explained; one that opens again is acted on. */
function stateOfChanged(kept: Kept, found: FoundException): string {
  if (kept.bucket === found.bucket || kept.state === "accepted") return kept.state;
  const step = found.bucket === "open" ? "reopen" : "explain";
  return stateAfter(kept.state, step, kept.assignee_id !== null) ?? kept.state;
}

/** By when it is due and on whom it waits, once it is in this state: a wait goes on while it waits. */
function peopleAfter(
  found: FoundException,
  kept: Kept,
  state: string,
  moment: Moment,
): Record<string, unknown> {
  const waits = state === "waiting";
  return {
    ...(isOpen(state) ? dueFrom(kept, found, moment) : NOT_DUE),
    waiting_on: waits ? kept.waiting_on : null,
    waiting_until: waits ? kept.waiting_until : null,
  };
}

async function applyChanges(
  client: pg.PoolClient,
  changes: readonly Change[],
  moment: Moment,
): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map(({ found, state, people }) => ({
    ...currentRow(found, moment),
    ...people,
    state,
  }));
  const columns = EXCEPTION_COLUMNS.split(",").map((column) => column.trim());
  const names = Object.keys(rows[0] ?? {});
  const set = names
    .filter((name) => name !== "order_key" && name !== "id")
    .map((name) => `${name} = row.${name}`);
  await noteMoves(client, rows);
  await client.query(
    `UPDATE exception AS e SET ${set.join(", ")}, resolved_at = NULL, version = e.version + 1
       FROM json_to_recordset($1::json) AS row(${columns.filter((column) => names.includes(column.split(/\s+/)[0] ?? "")).join(", ")})
      WHERE e.order_key = row.order_key AND e.id = row.id`,
    [toJson(rows)],
  );
}

const shown = (documents: unknown): string =>
  (Array.isArray(documents) ? documents : [])
    .map(({ id, number, postingDay, status }: Readonly<Record<string, unknown>>) =>
      [id, number, postingDay, status].join(" "),
    )
    .join();

/**
 * Whether what an exception shows of its documents, of its recomputation or of the mapping is no longer so, though the difference is the
 * same (one was paid, or an invoice list was read later).
 */
const isOutdated = ({ evidence }: FoundException, kept: Kept | undefined): boolean =>
  kept !== undefined &&
  evidence !== null &&
  typeof evidence === "object" &&
  "documents" in evidence &&
  "steps" in evidence &&
  (shown(evidence.documents) !== shown(kept.documents) ||
    toJson(evidence.steps) !== toJson(kept.steps) ||
    toJson("missing" in evidence ? evidence.missing : null) !== toJson(kept.missing));

/** Such a change is none of the exception: it gets no event and no version. */
async function refreshEvidence(client: pg.PoolClient, outdated: readonly FoundException[]): Promise<void> {
  if (outdated.length === 0) return;
  await client.query(
    `UPDATE exception AS e SET evidence = row.evidence
       FROM json_to_recordset($1::json) AS row(order_key uuid, id uuid, evidence jsonb)
      WHERE e.order_key = row.order_key AND e.id = row.id`,
    [toJson(outdated.map(({ orderKey, id, evidence }) => ({ order_key: orderKey, id, evidence })))],
  );
}

async function resolveGone(client: pg.PoolClient, gone: readonly Kept[], moment: Moment): Promise<void> {
  if (gone.length === 0) return;
  await client.query(
    `UPDATE exception AS e SET state = 'resolved', resolved_at = $2, last_run_id = $3, waiting_on = NULL, waiting_until = NULL,
            version = e.version + 1
       FROM json_to_recordset($1::json) AS row(order_key uuid, id uuid)
      WHERE e.order_key = row.order_key AND e.id = row.id`,
    [toJson(gone.map(({ order_key, id }) => ({ order_key, id }))), moment.at, moment.runId],
  );
}

export const EVENT_COLUMNS =
  "order_key uuid, id uuid, exception_id uuid, at timestamptz, actor_name text, kind text, text text, data jsonb";

export const event = (
  orderKey: string,
  exceptionId: string,
  kind: string,
  text: string,
  { at, runId, by }: Moment,
) => ({
  order_key: orderKey,
  id: randomUUID(),
  exception_id: exceptionId,
  at,
  actor_name: by ?? "Reconciliation",
  kind,
  text,
  data: toPlain({ runId }),
});
