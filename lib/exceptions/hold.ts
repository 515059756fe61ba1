import type { PoolClient } from "pg";
import { roles, roleTable } from "@/lib/auth/permissions";
import { type Day, dayIn } from "@/lib/domain/day";
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

/** What is said to the second of two people. */
export const CHANGED_MEANWHILE =
  "Somebody changed this exception while you were looking at it. Reload to see how.";
