import type { PoolClient } from "pg";
import { roles, roleTable } from "@/lib/auth/permissions";
import { type Day, dayIn, dayName, wallClockIn } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";

/** The roles whose grants let a person work on exceptions. */
export const assignableRoles = roles.filter((role) =>
  roleTable[role].permissions.includes("exceptions.assign"),
);

export type Held = Readonly<{
  orderKey: string;
  cause: string;
  state: string;
  version: number;
  assigneeId: string | null;
  assignee: string | null;
  ownerTeam: string;
  due: Day | null;
  waitingOn: string | null;
  waitingUntil: Day | null;
}>;

/** The exception within its entity. Throws Refusal "not-found". */
export async function hold(client: PoolClient, entityId: string, id: string): Promise<Held> {
  const { rows } = await client.query<Held>(
    `SELECT e.order_key AS "orderKey", e.cause, e.state, e.version, e.assignee_id AS "assigneeId", u.name AS assignee,
       e.owner_team AS "ownerTeam", e.due, e.waiting_on AS "waitingOn", e.waiting_until AS "waitingUntil"
     FROM exception e LEFT JOIN "user" u ON u.id = e.assignee_id WHERE e.id = $1 AND e.entity_id = $2`,
    [id, entityId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such exception in this entity.");
  return row;
}

/** A person who may work on the exceptions of an entity. Throws Refusal "invalid". */
export async function personWhoMay(
  client: PoolClient,
  entityId: string,
  id: string,
): Promise<Readonly<{ id: string; name: string }>> {
  const { rows } = await client.query<{ id: string; name: string }>(
    `SELECT u.id, u.name FROM "user" u WHERE u.id = $1 AND u.disabled_at IS NULL AND EXISTS (
       SELECT FROM "grant" g WHERE g.user_id = u.id AND g.role = ANY($2) AND (g.entity_id IS NULL OR g.entity_id = $3))`,
    [id, assignableRoles, entityId],
  );
  const [person] = rows;
  if (!person) throw new Refusal("invalid", "This person may not work on the exceptions of this entity.");
  return person;
}

/** Ends the act unless there is such a team. Throws Refusal "invalid". */
export async function assertTeam(client: PoolClient, team: string | undefined): Promise<void> {
  if (team === undefined) return;
  const { rowCount } = await client.query("SELECT FROM team WHERE id = $1", [team]);
  if (rowCount === 0) throw new Refusal("invalid", "There is no such team.");
}

/** The day that it is at an entity's place. Throws Refusal "not-found". */
export async function dayAt(client: PoolClient, entityId: string, now: Date): Promise<Day> {
  const { rows } = await client.query<{ timeZone: string }>(
    `SELECT time_zone AS "timeZone" FROM entity WHERE id = $1`,
    [entityId],
  );
  const [entity] = rows;
  if (!entity) throw new Refusal("not-found", `There is no entity ${entityId}.`);
  return dayIn(now, entity.timeZone);
}

/** What people and runs do to an exception, for a sentence that begins with who did it. */
const did: Readonly<Record<string, string>> = {
  assigned: "assigned it",
  "handed-over": "handed it over",
  taken: "took it over",
  "passed-back": "passed it back",
  started: "started on it",
  waiting: "let it wait",
  woken: "ended its waiting",
  undone: "took back what was done last",
  accepted: "accepted it",
  "acceptance-asked": "asked for its acceptance",
  escalated: "escalated it",
  changed: "found it with other figures",
  reopened: "opened it again",
  resolved: "found it resolved",
  due: "gave it another due date",
};

/**
 * Refuses the second of two people, and says who was first, with what, and when. Comments change nothing and are left out.
 */
export async function changedMeanwhile(client: PoolClient, entityId: string, id: string): Promise<Refusal> {
  const { rows } = await client.query<{
    actor: string;
    kind: string;
    text: string | null;
    at: Date;
    timeZone: string;
  }>(
    `SELECT v.actor_name AS actor, v.kind, v.text, v.at, n.time_zone AS "timeZone"
       FROM exception e JOIN entity n ON n.id = e.entity_id
       JOIN exception_event v ON v.order_key = e.order_key AND v.exception_id = e.id
      WHERE e.id = $1 AND e.entity_id = $2 AND v.kind <> 'commented' ORDER BY v.at DESC, v.id DESC LIMIT 1`,
    [id, entityId],
  );
  const [last] = rows;
  if (!last) return new Refusal("conflict", "It was changed while you were looking at it. Look at it again.");
  const { actor, kind, text, at, timeZone } = last;
  const when = `${dayName(dayIn(at, timeZone))}, ${wallClockIn(at, timeZone).slice(11, 16)} (${timeZone})`;
  const more = text ? ` ${text.length > 160 ? `${text.slice(0, 160)}…` : text}` : "";
  return new Refusal(
    "conflict",
    `${actor} changed this exception while you were looking at it: ${did[kind] ?? "changed it"}, ${when}.${more} Nothing of yours was done. Look at it again.`,
  );
}
