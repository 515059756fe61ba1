import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { evidenceAgain } from "@/lib/matching/evidence";
import { Evidence, PeriodAmounts } from "./schema";

export type ExceptionDetail = Readonly<{
  id: string;
  entityId: string;
  entityName: string;
  timeZone: string;
  orderKey: string;
  /** whether there is an order page for it */
  orderKnown: boolean;
  cause: string;
  order: string | null;
  orderSourceId: string | null;
  document: string | null;
  documentKind: string;
  signature: string;
  /** what stands behind it (lib/root-causes) */
  rootCauseId: string;
  state: string;
  bucket: string;
  severity: string;
  ownerTeam: string;
  assigneeId: string | null;
  assignee: string | null;
  due: Day | null;
  currency: string;
  period: Month;
  net: Minor;
  tax: Minor;
  gross: Minor;
  amounts: PeriodAmounts;
  ambiguous: boolean;
  explanation: string;
  evidence: Evidence;
  resolution: string;
  firstSeenAt: Date;
  lastSeenAt: Date;
  resolvedAt: Date | null;
  version: number;
}>;

/** One exception with what it was proved with, or null where the scope holds none of that id. */
export async function findException(
  entityIds: readonly string[],
  id: string,
): Promise<ExceptionDetail | null> {
  const { rows } = await appPool().query<ExceptionDetail & { amounts: unknown; evidence: unknown }>(
    `SELECT e.id, e.entity_id AS "entityId", n.name AS "entityName", n.time_zone AS "timeZone",
       e.order_key AS "orderKey", o.order_key IS NOT NULL AS "orderKnown", e.cause,
       e.order_reference AS "order", e.order_source_id AS "orderSourceId", e.document_number AS document,
       e.document_kind AS "documentKind", e.signature, e.root_cause_id AS "rootCauseId", e.state, e.bucket, e.severity, e.owner_team AS "ownerTeam",
       e.assignee_id AS "assigneeId", u.name AS assignee, e.due, e.currency, e.period, e.net, e.tax, e.gross,
       e.amounts, e.ambiguous, e.explanation, e.evidence, e.resolution, e.first_seen_at AS "firstSeenAt",
       e.last_seen_at AS "lastSeenAt", e.resolved_at AS "resolvedAt", e.version
     FROM exception e JOIN entity n ON n.id = e.entity_id
       LEFT JOIN sales_order o ON o.order_key = e.order_key AND o.entity_id = e.entity_id
       LEFT JOIN "user" u ON u.id = e.assignee_id
     WHERE e.id = $1 AND e.entity_id = ANY($2)`,
    [id, [...entityIds]],
  );
  const [row] = rows;
  if (!row) return null;
  const evidence =
    row.evidence === null && row.state !== "resolved"
      ? (await evidenceAgain(appPool(), row.entityId, [row.orderKey])).get(id)
      : row.evidence;
  return { ...row, amounts: PeriodAmounts.parse(row.amounts), evidence: Evidence.parse(evidence ?? {}) };
}

export type ExceptionMoment = Readonly<{
  id: string;
  at: Date;
  actorName: string;
  kind: string;
  text: string | null;
}>;

/** What happened to an exception, newest first. */
export async function findMoments(
  exception: Pick<ExceptionDetail, "orderKey" | "id">,
): Promise<readonly ExceptionMoment[]> {
  const { rows } = await appPool().query<ExceptionMoment>(
    `SELECT id, at, actor_name AS "actorName", kind, text FROM exception_event
     WHERE order_key = $1 AND exception_id = $2 ORDER BY at DESC, id LIMIT 200`,
    [exception.orderKey, exception.id],
  );
  return rows;
}

export type SisterException = Readonly<{
  id: string;
  cause: string;
  state: string;
  ownerTeam: string;
  assignee: string | null;
  due: Day | null;
  currency: string;
  net: Minor;
  tax: Minor;
  gross: Minor;
  explanation: string;
}>;

/** The exceptions of one order, those that somebody must act on first. */
export async function findExceptionsOfOrder(
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly SisterException[]> {
  const { rows } = await appPool().query<SisterException>(
    `SELECT e.id, e.cause, e.state, e.owner_team AS "ownerTeam", u.name AS assignee, e.due, e.currency, e.net, e.tax,
       e.gross, e.explanation
     FROM exception e LEFT JOIN "user" u ON u.id = e.assignee_id
     WHERE e.order_key = $1 AND e.entity_id = ANY($2)
     ORDER BY (e.state IN ('resolved', 'accepted', 'explained')), e.first_seen_at, e.id`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

export type Assignee = Readonly<{ id: string; name: string; roles: readonly string[] }>;

/** The people with one of these roles in an entity (or in all of them), by name: whom work can be given to. */
export async function findPeople(entityId: string, roles: readonly string[]): Promise<readonly Assignee[]> {
  const { rows } = await appPool().query<Assignee>(
    `SELECT u.id, u.name, array_agg(DISTINCT g.role ORDER BY g.role) AS roles
     FROM "user" u JOIN "grant" g ON g.user_id = u.id
     WHERE u.disabled_at IS NULL AND g.role = ANY($2) AND (g.entity_id IS NULL OR g.entity_id = $1)
     GROUP BY u.id, u.name ORDER BY u.name, u.id`,
    [entityId, [...roles]],
  );
  return rows;
}
