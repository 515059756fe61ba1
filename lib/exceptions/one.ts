import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { evidenceAgain } from "@/lib/matching/evidence";
import { isStanding } from "@/lib/matching/standing-causes";
import { basisOf } from "./basis";
import { type Worth, worthsOf } from "./limits";
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
  /** what it is about, where that is no order; what it comes to, where that is no amount */
  about: string | null;
  matter: string | null;
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
  /** the rule or the person that made it due then */
  dueWhy: string | null;
  /** the team as people call it, and whom its overdue exceptions are escalated to */
  team: string;
  lead: string | null;
  /** who had it before, to be passed back to */
  previousAssignee: string | null;
  previousTeam: string | null;
  waitingOn: string | null;
  waitingUntil: Day | null;
  escalatedAt: Date | null;
  escalatedTo: string | null;
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
  /** what it is about, as a hash, and how much money that is: what an acceptance is bound to and measured by */
  basis: string | null;
  worths: readonly Worth[];
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
       e.about, e.matter, e.document_kind AS "documentKind", e.signature, e.root_cause_id AS "rootCauseId", e.state, e.bucket, e.severity, e.owner_team AS "ownerTeam",
       e.assignee_id AS "assigneeId", u.name AS assignee, e.due, e.due_why AS "dueWhy", coalesce(t.name, e.owner_team) AS team,
       l.name AS lead, p.name AS "previousAssignee", e.previous_team AS "previousTeam", e.waiting_on AS "waitingOn",
       e.waiting_until AS "waitingUntil", e.escalated_at AS "escalatedAt", x.name AS "escalatedTo", e.currency, e.period, e.net, e.tax, e.gross,
       e.amounts, e.ambiguous, e.explanation, e.evidence, e.resolution, e.first_seen_at AS "firstSeenAt",
       e.last_seen_at AS "lastSeenAt", e.resolved_at AS "resolvedAt", e.version
     FROM exception e JOIN entity n ON n.id = e.entity_id
       LEFT JOIN sales_order o ON o.order_key = e.order_key AND o.entity_id = e.entity_id
       LEFT JOIN "user" u ON u.id = e.assignee_id LEFT JOIN team t ON t.id = e.owner_team
       LEFT JOIN "user" l ON l.id = t.lead_id LEFT JOIN "user" p ON p.id = e.previous_assignee_id
       LEFT JOIN "user" x ON x.id = e.escalated_to_id
     WHERE e.id = $1 AND e.entity_id = ANY($2)`,
    [id, [...entityIds]],
  );
  const [row] = rows;
  if (!row) return null;
  const evidence =
    row.evidence === null && row.state !== "resolved"
      ? (await evidenceAgain(appPool(), row.entityId, [row.orderKey])).get(id)
      : row.evidence;
  return {
    ...row,
    basis: basisOf(row),
    worths: worthsOf(row, isStanding(row.cause)),
    amounts: PeriodAmounts.parse(row.amounts),
    evidence: Evidence.parse(evidence ?? {}),
  };
}

export type ExceptionMoment = Readonly<{
  id: string;
  at: Date;
  actorName: string;
  kind: string;
  text: string | null;
  former: string | null;
}>;

/**
 * What happened to an exception, newest first, and to those that it succeeds: who had the matter under another cause, and
 * what was said of it then. `former` names that cause; null: this exception's own.
 */
export async function findMoments(
  exception: Pick<ExceptionDetail, "orderKey" | "id">,
): Promise<readonly ExceptionMoment[]> {
  const line = await lineOf(exception);
  const { rows } = await appPool().query<ExceptionMoment>(
    `SELECT v.id, v.at, v.actor_name AS "actorName", v.kind, v.text, CASE WHEN e.id = $3 THEN NULL ELSE e.cause END AS former
       FROM exception_event v JOIN exception e ON e.order_key = v.order_key AND e.id = v.exception_id
      WHERE v.order_key = $1 AND v.exception_id = ANY($2::uuid[]) ORDER BY v.at DESC, v.id LIMIT 200`,
    [exception.orderKey, line, exception.id],
  );
  return rows;
}

/** The exception and those whose matter it took over, newest first. */
async function lineOf({
  orderKey,
  id,
}: Pick<ExceptionDetail, "orderKey" | "id">): Promise<readonly string[]> {
  const { rows } = await appPool().query<{ id: string; predecessor: string | null }>(
    "SELECT id, predecessor_id AS predecessor FROM exception WHERE order_key = $1",
    [orderKey],
  );
  const before = new Map(rows.map((row) => [row.id, row.predecessor]));
  const line: string[] = [];
  for (let at: string | null | undefined = id; at != null && !line.includes(at); at = before.get(at)) {
    line.push(at);
  }
  return line;
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
  /** what is to be done about it */
  resolution: string;
  /** what it is about, by names of its source */
  subject: string;
}>;

/** The exceptions of one order, those that somebody must act on first. */
export async function findExceptionsOfOrder(
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly SisterException[]> {
  const { rows } = await appPool().query<SisterException>(
    `SELECT e.id, e.cause, e.state, e.owner_team AS "ownerTeam", u.name AS assignee, e.due, e.currency, e.net, e.tax,
       e.gross, e.explanation, e.resolution, e.source_line AS subject
     FROM exception e LEFT JOIN "user" u ON u.id = e.assignee_id
     WHERE e.order_key = $1 AND e.entity_id = ANY($2)
     ORDER BY (e.state IN ('resolved', 'accepted', 'explained')), e.first_seen_at, e.id`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

export type Assignee = Readonly<{ id: string; name: string; roles: readonly string[] }>;

/** The people with one of these roles in an entity (or in all of them), by name: whom work can be given to. */
export async function findPeople(
  entityId: string | null,
  roles: readonly string[],
): Promise<readonly Assignee[]> {
  const { rows } = await appPool().query<Assignee>(
    `SELECT u.id, u.name, array_agg(DISTINCT g.role ORDER BY g.role) AS roles
     FROM "user" u JOIN "grant" g ON g.user_id = u.id
     WHERE u.disabled_at IS NULL AND g.role = ANY($2) AND (g.entity_id IS NULL OR g.entity_id = $1)
     GROUP BY u.id, u.name ORDER BY u.name, u.id`,
    [entityId, [...roles]],
  );
  return rows;
}

export type TeamName = Readonly<{ id: string; name: string }>;

/** The teams that work can be given to, by name. */
export async function findTeams(): Promise<readonly TeamName[]> {
  const { rows } = await appPool().query<TeamName>("SELECT id, name FROM team ORDER BY name, id");
  return rows;
}

/** That somebody wants an exception accepted, and that it has not been decided. */
export type OpenRequest = Readonly<{
  id: string;
  reason: string;
  askedAt: Date;
  askedById: string;
  askedBy: string;
  basis: string;
}>;

/** The request for an exception's acceptance that waits for a second person, if there is one. */
export async function findRequest(
  exception: Pick<ExceptionDetail, "orderKey" | "id">,
): Promise<OpenRequest | null> {
  const { rows } = await appPool().query<OpenRequest>(
    `SELECT id, reason, asked_at AS "askedAt", asked_by_id AS "askedById", asked_by AS "askedBy", basis FROM acceptance_request
      WHERE order_key = $1 AND exception_id = $2 AND state = 'asked'`,
    [exception.orderKey, exception.id],
  );
  return rows[0] ?? null;
}

/** Why an exception is accepted, and by whom. */
export type AcceptanceHeld = Readonly<{
  reason: string;
  acceptedAt: Date;
  acceptedBy: string;
  approvedBy: string | null;
  byRule: boolean;
}>;

/** The newest acceptance of an exception. */
export async function findAcceptance(
  exception: Pick<ExceptionDetail, "orderKey" | "id">,
): Promise<AcceptanceHeld | null> {
  const { rows } = await appPool().query<AcceptanceHeld>(
    `SELECT reason, accepted_at AS "acceptedAt", accepted_by AS "acceptedBy", approved_by AS "approvedBy",
            rule_id IS NOT NULL AS "byRule" FROM acceptance
      WHERE order_key = $1 AND exception_id = $2 ORDER BY accepted_at DESC, id LIMIT 1`,
    [exception.orderKey, exception.id],
  );
  return rows[0] ?? null;
}

/** The operation of a person by which an exception last changed hands, if nothing has happened to it since. */
export async function findUndoable(
  { orderKey, id, version }: Pick<ExceptionDetail, "orderKey" | "id" | "version">,
  actorId: string,
): Promise<Readonly<{ operationId: string; kind: string; count: number }> | null> {
  const { rows } = await appPool().query<{ operationId: string; kind: string; count: number }>(
    `SELECT o.id AS "operationId", o.kind, o.count FROM exception_event v JOIN exception_operation o ON o.id = v.operation_id
      WHERE v.order_key = $1 AND v.exception_id = $2 AND (v.data ->> 'version')::int = $3 AND o.actor_id = $4 AND o.undone_at IS NULL
      ORDER BY v.at DESC LIMIT 1`,
    [orderKey, id, version, actorId],
  );
  return rows[0] ?? null;
}
