import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Minor } from "@/lib/domain/money";
import type { AttemptState } from "./machine";
import type { BatchQuery } from "./schema";
import { StoredFigures, StoredLeftOut, StoredPlan, StoredPreview, StoredWorths } from "./stored";

export type StepRow = Readonly<{
  id: string;
  at: Date;
  kind: string;
  text: string;
  /** what was sent, or what was answered, without secrets; null: nothing of it is kept */
  data: unknown;
}>;

export type AttemptRow = Readonly<{
  id: string;
  orderKey: string;
  exceptionId: string;
  code: string;
  state: AttemptState;
  basis: string;
  plan: StoredPlan;
  preview: StoredPreview;
  second: string | null;
  undoesId: string | null;
  madeAt: Date;
  madeById: string;
  madeBy: string;
  editedById: string | null;
  editedBy: string | null;
  decidedBy: string | null;
  decidedWhy: string | null;
  batchId: string | null;
  /** how the batch stands that it is one of */
  batchState: string | null;
  nextAt: Date | null;
  endedAt: Date | null;
  outcome: string | null;
  before: StoredFigures | null;
  after: StoredFigures | null;
  steps: readonly StepRow[];
}>;

const figures = (stored: unknown): StoredFigures | null =>
  stored === null ? null : StoredFigures.parse(stored);

/** The resolutions of an exception with their steps, newest first. */
export async function findAttempts(
  exception: Readonly<{ orderKey: string; id: string }>,
): Promise<readonly AttemptRow[]> {
  const { rows } = await appPool().query(
    `SELECT a.id, a.order_key AS "orderKey", a.exception_id AS "exceptionId", a.code, a.state, a.basis, a.plan, a.preview, a.second,
       a.undoes_id AS "undoesId", a.made_at AS "madeAt", a.made_by_id AS "madeById", a.made_by AS "madeBy", a.edited_by_id AS "editedById",
       a.edited_by AS "editedBy", a.decided_by AS "decidedBy", a.decided_why AS "decidedWhy", a.batch_id AS "batchId", (SELECT b.state FROM resolution_batch b WHERE b.id = a.batch_id) AS "batchState", a.next_at AS "nextAt",
       a.ended_at AS "endedAt", a.outcome, a.before, a.after
       FROM resolution_attempt a WHERE a.order_key = $1 AND a.exception_id = $2 ORDER BY a.made_at DESC, a.id LIMIT 20`,
    [exception.orderKey, exception.id],
  );
  const steps = await appPool().query<StepRow & { attemptId: string }>(
    `SELECT id, attempt_id AS "attemptId", at, kind, text, data FROM resolution_step
      WHERE order_key = $1 AND attempt_id = ANY($2::uuid[]) ORDER BY attempt_id, seq`,
    [exception.orderKey, rows.map((row) => row.id)],
  );
  return rows.map((row) => ({
    ...row,
    plan: StoredPlan.parse(row.plan),
    preview: StoredPreview.parse(row.preview),
    before: figures(row.before),
    after: figures(row.after),
    steps: steps.rows.filter((step) => step.attemptId === row.id).map(({ attemptId: _, ...step }) => step),
  }));
}

export type BatchRow = Readonly<{
  id: string;
  entityId: string;
  timeZone: string;
  code: string;
  state: "asked" | "running" | "stopped" | "done" | "rejected";
  count: number;
  leftOut: StoredLeftOut;
  worths: readonly Readonly<{ currency: string; minor: Minor | null }>[];
  second: string | null;
  madeAt: Date;
  madeById: string;
  madeBy: string;
  decidedBy: string | null;
  decidedWhy: string | null;
  stopAskedAt: Date | null;
  endedAt: Date | null;
}>;

/** One batch within the scope; null where it holds none of that id. */
export async function findBatch(entityIds: readonly string[], id: string): Promise<BatchRow | null> {
  const { rows } = await appPool().query(
    `SELECT b.id, b.entity_id AS "entityId", e.time_zone AS "timeZone", b.code, b.state, b.count, b.left_out AS "leftOut", b.worths, b.second,
       b.made_at AS "madeAt", b.made_by_id AS "madeById", b.made_by AS "madeBy", b.decided_by AS "decidedBy", b.decided_why AS "decidedWhy",
       b.stop_asked_at AS "stopAskedAt", b.ended_at AS "endedAt"
       FROM resolution_batch b JOIN entity e ON e.id = b.entity_id WHERE b.id = $1 AND b.entity_id = ANY($2)`,
    [id, [...entityIds]],
  );
  const [row] = rows;
  return row
    ? { ...row, leftOut: StoredLeftOut.parse(row.leftOut), worths: StoredWorths.parse(row.worths) }
    : null;
}

/** Which states each tab of a batch shows. */
const SHOWN: Readonly<Record<BatchQuery["state"], readonly string[]>> = {
  all: [],
  "at-work": ["asked", "claimed", "writing", "reading-back", "waiting"],
  proved: ["proved"],
  instructed: ["instructed"],
  "not-done": ["reopened", "refused", "failed", "rejected", "cancelled"],
};

export type BatchCounts = Readonly<Record<BatchQuery["state"], number>> &
  Readonly<{
    /** read again and not at their end yet */
    underWay: number;
    /** how far those are that are sent from here, of 1: each is read again, sent, and read back */
    done: number;
  }>;

/** How many attempts of a batch are how far. */
export async function countBatch(batchId: string): Promise<BatchCounts> {
  const { rows } = await appPool().query<{ state: string; n: number; underWay: number; thirds: number }>(
    `SELECT state, count(*)::int AS n, (count(*) FILTER (WHERE ended_at IS NULL AND checked_at IS NOT NULL))::int AS "underWay",
       sum(CASE WHEN ended_at IS NOT NULL THEN 3 WHEN state = 'reading-back' OR written > 0 THEN 2
                WHEN checked_at IS NOT NULL THEN 1 ELSE 0 END)::int AS thirds
       FROM resolution_attempt WHERE batch_id = $1 GROUP BY 1`,
    [batchId],
  );
  const sent = rows.filter((row) => row.state !== "instructed");
  const sum = (field: "n" | "underWay" | "thirds") => sent.reduce((all, row) => all + row[field], 0);
  const of = (states: readonly string[]): number =>
    rows.reduce((sum, { state, n }) => (states.length === 0 || states.includes(state) ? sum + n : sum), 0);
  return {
    all: of(SHOWN.all),
    "at-work": of(SHOWN["at-work"]),
    proved: of(SHOWN.proved),
    instructed: of(SHOWN.instructed),
    "not-done": of(SHOWN["not-done"]),
    underWay: sum("underWay"),
    done: sum("thirds") / (3 * Math.max(1, sum("n"))),
  };
}

export const BATCH_PAGE = 50;

export type BatchAttempt = Readonly<{
  id: string;
  exceptionId: string;
  orderKey: string;
  order: string | null;
  /** what it is about, where that is no order */
  about: string | null;
  document: string | null;
  state: AttemptState;
  sentence: string;
  outcome: string | null;
}>;

/** In which order states are listed: what needs somebody, what is at work, what is done. */
const LISTED = [
  ...["reopened", "failed", "refused", "rejected", "cancelled", "instructed", "asked"],
  ...["waiting", "reading-back", "writing", "claimed", "proved"],
];

/** A page of what came of a batch. */
export async function listBatch(
  batchId: string,
  { state, page }: BatchQuery,
): Promise<readonly BatchAttempt[]> {
  const { rows } = await appPool().query<BatchAttempt>(
    `SELECT a.id, a.exception_id AS "exceptionId", a.order_key AS "orderKey", e.order_reference AS "order", e.about, e.document_number AS document,
       a.state, a.plan ->> 'sentence' AS sentence, a.outcome
       FROM resolution_attempt a LEFT JOIN exception e ON e.order_key = a.order_key AND e.id = a.exception_id
      WHERE a.batch_id = $1 AND (cardinality($2::text[]) = 0 OR a.state = ANY($2))
      ORDER BY array_position($5::text[], a.state), e.order_reference, a.id LIMIT $3 OFFSET $4`,
    [batchId, [...SHOWN[state]], BATCH_PAGE, (page - 1) * BATCH_PAGE, LISTED],
  );
  return rows;
}

/** The first open exception of a root cause, to show what would be sent for each. */
export async function sampleOf(
  entityId: string,
  rootCauseId: string,
): Promise<Readonly<{ orderKey: string; id: string }> | null> {
  const { rows } = await appPool().query<{ orderKey: string; id: string }>(
    `SELECT order_key AS "orderKey", id FROM exception
      WHERE entity_id = $1 AND root_cause_id = $2 AND state IN ('new', 'assigned', 'in-progress', 'waiting') ORDER BY id LIMIT 1`,
    [entityId, rootCauseId],
  );
  return rows[0] ?? null;
}

/** The batches of a root cause that are not ended, or ended last. */
export async function batchesOf(
  entityId: string,
  rootCauseId: string,
): Promise<readonly Readonly<{ id: string; state: string; count: number; madeAt: Date; madeBy: string }>[]> {
  const { rows } = await appPool().query(
    `SELECT id, state, count, made_at AS "madeAt", made_by AS "madeBy" FROM resolution_batch
      WHERE entity_id = $1 AND selection @> jsonb_build_object('by', 'root-cause', 'id', $2::text) ORDER BY made_at DESC LIMIT 5`,
    [entityId, rootCauseId],
  );
  return rows;
}
