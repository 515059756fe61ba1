import { randomUUID } from "node:crypto";
import type pg from "pg";
import { causeOf } from "@/lib/causes/registry";
import { toJson, toPlain } from "@/lib/domain/json";
import { dueDay, type FoundException } from "./findings";
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

export type Moment = Readonly<{ at: Date; runId: string; timeZone: string }>;

/** Exceptions of groups as they stand before this run. Failed records have a life of their own. */
export async function loadKept(
  client: pg.PoolClient,
  entityId: string,
  orderKeys: readonly string[],
): Promise<readonly Kept[]> {
  const { rows } = await client.query<Kept>({
    name: "exceptions-kept",
    text: `SELECT order_key, id, subject_key, cause, document_kind, state, owner_team, assignee_id, bucket,
            currency, ambiguous, amounts, explanation, severity, signature, business_day, document_number, order_reference,
            evidence -> 'documents' AS documents, evidence -> 'steps' AS steps, evidence -> 'missing' AS missing
       FROM exception
      WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) AND cause NOT IN ${STANDING} ORDER BY order_key, id`,
    values: [entityId, orderKeys],
  });
  return rows;
}

const amountsText = (exception: FoundException): string => toJson(exception.amounts);
const sameAmounts = (kept: Kept, found: FoundException): boolean =>
  toJson(withCurrency(kept)) === amountsText(found);

/** Amounts that were stored before an exception could span currencies are of its own. */
const withCurrency = ({ amounts, currency }: Kept): unknown =>
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
 * succeed), changed ones updated or reopened, gone ones resolved. What did not change is not written.
 */
export async function writeExceptions(
  client: pg.PoolClient,
  kept: readonly Kept[],
  found: readonly FoundException[],
  moment: Moment,
): Promise<Readonly<{ opened: number; resolved: number }>> {
  const before = new Map(kept.map((one) => [one.id, one]));
  const now = new Set(found.map((one) => one.id));
  const gone = kept.filter((one) => !now.has(one.id) && one.state !== "resolved");
  const fresh = found.filter((one) => !before.has(one.id));
  const heirs = succession(gone, fresh);
  await insertJson(
    client,
    "exception",
    EXCEPTION_COLUMNS,
    fresh.map((one) => freshRow(one, heirs.get(one.id), moment)),
  );
  const changes = found.flatMap((one) => changeOf(one, before.get(one.id)));
  await applyChanges(client, changes, moment);
  const changed = new Set(changes.map((one) => one.found));
  await refreshEvidence(
    client,
    found.filter((one) => !changed.has(one) && isOutdated(one, before.get(one.id))),
  );
  await resolveGone(client, gone, moment);
  await insertJson(client, "exception_event", EVENT_COLUMNS, [
    // What nobody has to act on says when it was found itself; it needs no event for that.
    ...fresh
      .filter((one) => one.bucket !== "explained")
      .map((one) => event(one.orderKey, one.id, "found", one.explanation, moment)),
    ...fresh.flatMap((one) => {
      const former = heirs.get(one.id);
      return former
        ? [
            event(
              one.orderKey,
              one.id,
              "succeeded",
              `Takes over from “${causeOf(former.cause)?.title ?? former.cause}”.`,
              moment,
            ),
          ]
        : [];
    }),
    ...changes.map(({ found: one, kind }) => event(one.orderKey, one.id, kind, one.explanation, moment)),
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
  return { opened: fresh.length, resolved: gone.length };
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
  signature text, state text, bucket text, severity text, owner_team text, assignee_id uuid, due date, currency text,
  period text, business_day date, net bigint, tax bigint, gross bigint, amounts jsonb, ambiguous boolean, explanation text, evidence jsonb, resolution text,
  first_seen_at timestamptz, last_seen_at timestamptz, last_run_id uuid, predecessor_id uuid, version int`;

function freshRow(one: FoundException, former: Kept | undefined, moment: Moment): Record<string, unknown> {
  const acts = one.bucket === "open";
  return {
    ...currentRow(one, moment),
    subject_key: one.subjectKey,
    cause: one.cause,
    document_kind: one.documentKind,
    source_line: one.sourceLine,
    entity_id: one.entityId,
    state: acts ? (former?.assignee_id ? "assigned" : "new") : "explained",
    owner_team: former?.owner_team ?? one.ownerTeam,
    assignee_id: former?.assignee_id ?? null,
    due: acts ? dueDay(moment.at, moment.timeZone, one.total.gross, one.currency) : null,
    first_seen_at: moment.at,
    predecessor_id: former?.id ?? null,
    version: 0,
  };
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

type Change = Readonly<{ found: FoundException; kind: "changed" | "reopened"; state: string }>;

function changeOf(found: FoundException, kept: Kept | undefined): readonly Change[] {
  if (!kept) return [];
  const same =
    sameAmounts(kept, found) &&
    kept.bucket === found.bucket &&
    kept.ambiguous === found.ambiguous &&
    kept.explanation === found.explanation &&
    kept.signature === found.signature &&
    kept.business_day === found.businessDay &&
    kept.document_number === found.documentNumber &&
    kept.order_reference === found.orderReference;
  const active = kept.assignee_id ? "assigned" : "new";
  if (kept.state === "resolved") {
    return [{ found, kind: "reopened", state: found.bucket === "open" ? active : "explained" }];
  }
  if (kept.state === "accepted" && !sameAmounts(kept, found))
    return [{ found, kind: "reopened", state: active }];
  return same ? [] : [{ found, kind: "changed", state: stateAfter(kept, found, active) }];
}

/** An exception that clears itself (a cut-off whose months are over) is explained; one that opens again is acted on. */
function stateAfter(kept: Kept, found: FoundException, active: string): string {
  if (kept.bucket === found.bucket || kept.state === "accepted") return kept.state;
  if (found.bucket !== "open") return "explained";
  return kept.state === "explained" ? active : kept.state;
}

async function applyChanges(
  client: pg.PoolClient,
  changes: readonly Change[],
  moment: Moment,
): Promise<void> {
  if (changes.length === 0) return;
  const rows = changes.map(({ found, state }) => ({ ...currentRow(found, moment), state }));
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
    `UPDATE exception AS e SET state = 'resolved', resolved_at = $2, last_run_id = $3, version = e.version + 1
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
  { at, runId }: Moment,
) => ({
  order_key: orderKey,
  id: randomUUID(),
  exception_id: exceptionId,
  at,
  actor_name: "Reconciliation",
  kind,
  text,
  data: toPlain({ runId }),
});
