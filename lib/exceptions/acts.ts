import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import type { Day } from "@/lib/domain/day";
import { toPlain } from "@/lib/domain/json";
import { countExceptions } from "@/lib/matching/exception-tally";
import { type ExceptionStep, openStates, transitions } from "./machine";

/** What people do to exceptions, one or many at once; all of it can be taken back. */
export type PeopleAct =
  | Readonly<{
      kind: "assign" | "hand-over";
      assignee: Readonly<{ id: string; name: string }> | null;
      /** left out: the team stays */
      team?: string | undefined;
      /** left out: the date stays; null: no date */
      due?: Day | null | undefined;
      reason?: string | undefined;
    }>
  | Readonly<{ kind: "take-over" | "start" | "wake" }>
  | Readonly<{ kind: "pass-back"; reason?: string | undefined }>
  | Readonly<{ kind: "wait"; on: string; until: Day }>;

/** Who acts, when, and what day it is where the entity is. */
export type Doer = Readonly<{ id: string; name: string; now: Date; today: Day }>;

/** A condition on rows of `exception` (named e), with its parameters from $1 on. */
export type Chosen = Readonly<{ sql: string; params: readonly unknown[] }>;

/** What of an exception people change: what an act keeps, to be taken back. */
const PEOPLES = [
  ["state", "text"],
  ["assignee_id", "uuid"],
  ["owner_team", "text"],
  ["previous_assignee_id", "uuid"],
  ["previous_team", "text"],
  ["due", "date"],
  ["due_why", "text"],
  ["due_by_hand", "boolean"],
  ["waiting_on", "text"],
  ["waiting_until", "date"],
  ["escalated_at", "timestamptz"],
  ["escalated_to_id", "uuid"],
] as const;

/** The kind of an operation by which a person accepted an exception alone. */
export const ACCEPTANCE = "accept";

/** All that people change of a row of `exception` (named by `alias`), for SQL, as an act keeps it to be taken back. */
export const peoplesAsJson = (alias: string): string =>
  `jsonb_build_object(${PEOPLES.map(([name]) => `'${name}', ${alias}.${name}`).join(", ")})`;

type Column = (typeof PEOPLES)[number][0];

/** One exception that an act changed. */
export type Acted = Readonly<{ orderKey: string; id: string; version: number }>;

/** The machine's table for SQL: the state after a step of the row t; null where it can't be made. */
function stateSql(step: ExceptionStep, assigned: string): string {
  const cases = Object.entries(transitions[step]).map(
    ([from, to]) =>
      `WHEN '${from}' THEN ${to === "active" ? `CASE WHEN ${assigned} THEN 'assigned' ELSE 'new' END` : `'${to}'`}`,
  );
  return `CASE t.state ${cases.join(" ")} END`;
}

type Plan = Readonly<{
  set: Readonly<Partial<Record<Column, string>>>;
  /** which of the chosen rows (t) it can be done to */
  where?: string;
  event: string;
  note: string | null;
}>;

const NOT_WAITING = { waiting_on: "NULL", waiting_until: "NULL" };

/** Whoever has it gives way to another: remembered, to be passed back. */
const handed = (assignee: string, team: string): Plan["set"] => {
  const moved = `(t.assignee_id IS DISTINCT FROM ${assignee} OR t.owner_team <> ${team})`;
  return {
    assignee_id: assignee,
    owner_team: team,
    previous_assignee_id: `CASE WHEN ${moved} THEN t.assignee_id ELSE t.previous_assignee_id END`,
    previous_team: `CASE WHEN ${moved} THEN t.owner_team ELSE t.previous_team END`,
  };
};

/** What an act does to a row t, with its parameters bound. */
function planOf(act: PeopleAct, doer: Doer, bind: (value: unknown) => string): Plan {
  switch (act.kind) {
    case "assign":
    case "hand-over": {
      const assignee = `${bind(act.assignee?.id ?? null)}::uuid`;
      const given = act.assignee !== null;
      const due = act.due === undefined ? null : `${bind(act.due)}::date`;
      const moved = due && `t.due IS DISTINCT FROM ${due}`;
      return {
        set: {
          ...handed(assignee, `coalesce(${bind(act.team ?? null)}::text, t.owner_team)`),
          state: stateSql(given ? "assign" : "unassign", `${given}`),
          ...(given ? {} : NOT_WAITING),
          ...(due && {
            due,
            due_why: `CASE WHEN ${moved} THEN ${bind(act.due === null ? null : `Set by ${doer.name}.`)}::text ELSE t.due_why END`,
            due_by_hand: `CASE WHEN ${moved} THEN true ELSE t.due_by_hand END`,
            // A day that lies ahead again is not overdue any more.
            escalated_at: `CASE WHEN ${moved} AND (${due} IS NULL OR ${due} >= ${bind(doer.today)}::date) THEN NULL ELSE t.escalated_at END`,
          }),
        },
        event: act.kind === "assign" ? "assigned" : "handed-over",
        note: act.reason ?? null,
      };
    }
    case "take-over": {
      const me = `${bind(doer.id)}::uuid`;
      return {
        set: { ...handed(me, "t.owner_team"), state: stateSql("assign", "true") },
        where: `t.assignee_id IS DISTINCT FROM ${me}`,
        event: "taken",
        note: null,
      };
    }
    case "pass-back": {
      const me = `${bind(doer.id)}::uuid`;
      return {
        set: {
          ...handed("p.id", "coalesce(t.previous_team, t.owner_team)"),
          state: `CASE WHEN p.id IS NULL THEN ${stateSql("unassign", "false")} ELSE ${stateSql("assign", "true")} END`,
          waiting_on: "CASE WHEN p.id IS NULL THEN NULL ELSE t.waiting_on END",
          waiting_until: "CASE WHEN p.id IS NULL THEN NULL ELSE t.waiting_until END",
        },
        // Only whoever has it gives it back: from anybody else it would be taken away.
        where: `(t.assignee_id IS NULL OR t.assignee_id = ${me})
          AND (t.previous_assignee_id IS NOT NULL OR t.previous_team IS NOT NULL)`,
        event: "passed-back",
        note: act.reason ?? null,
      };
    }
    case "start": {
      const me = `${bind(doer.id)}::uuid`;
      return {
        set: { assignee_id: me, state: stateSql("start", "true"), ...NOT_WAITING },
        where: `(t.assignee_id IS NULL OR t.assignee_id = ${me}) AND t.state <> 'in-progress'`,
        event: "started",
        note: null,
      };
    }
    case "wait":
      return {
        set: {
          state: stateSql("wait", "true"),
          waiting_on: `${bind(act.on)}::text`,
          waiting_until: `${bind(act.until)}::date`,
        },
        event: "waiting",
        note: `Waits on ${act.on} until ${act.until}.`,
      };
    case "wake":
      return {
        set: { state: stateSql("wake", "t.assignee_id IS NOT NULL"), ...NOT_WAITING },
        where: "t.state = 'waiting'",
        event: "woken",
        note: "Does not wait any more.",
      };
    default:
      throw new Error(`no such act: ${act satisfies never}`);
  }
}

const WORDS = `concat_ws(' ',
  CASE WHEN a.was_assignee_id IS DISTINCT FROM a.assignee_id THEN
    CASE WHEN a.assignee_id IS NULL THEN 'Taken off ' || coalesce(was.name, 'its assignee') || '.' ELSE 'Given to ' || coalesce(now.name, 'somebody') || '.' END END,
  CASE WHEN a.was_owner_team <> a.owner_team THEN 'Owner is now ' || a.owner_team || ', was ' || a.was_owner_team || '.' END,
  CASE WHEN a.was_due IS DISTINCT FROM a.due THEN CASE WHEN a.due IS NULL THEN 'No due date any more.' ELSE 'Due ' || a.due || '.' END END`;

/**
 * Does something to all of the chosen exceptions that it can be done to, in one statement, with a row in each one's history
 * that says what was so before. What is finished, or (with a version in the condition) changed meanwhile, is left out. Rows
 * are locked in the order in which a reconciliation locks them.
 *
 * @param mayWork the roles with which a person may have exceptions of this entity, for those that are passed back
 */
export async function actOn(
  client: PoolClient,
  chosen: Chosen,
  act: PeopleAct,
  doer: Doer,
  { entityId, mayWork }: Readonly<{ entityId: string; mayWork: readonly string[] }>,
): Promise<Readonly<{ operationId: string; acted: readonly Acted[] }>> {
  const operationId = randomUUID();
  const params: unknown[] = [...chosen.params];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const plan = planOf(act, doer, bind);
  const [operation, at, actorId, actorName, event, note] = [
    operationId,
    doer.now,
    doer.id,
    doer.name,
    plan.event,
    plan.note,
  ].map(bind);
  const unchanged = bind(act.kind === "assign" ? "Confirmed as it was." : null);
  // Whoever had it before may not be allowed to work on it any more: then it goes back to the team.
  const previous =
    act.kind === "pass-back"
      ? `LEFT JOIN LATERAL (SELECT u.id FROM "user" u WHERE u.id = t.previous_assignee_id AND u.disabled_at IS NULL AND EXISTS (
           SELECT FROM "grant" g WHERE g.user_id = u.id AND g.role = ANY (${bind(mayWork)}::text[])
              AND (g.entity_id IS NULL OR g.entity_id = ${bind(entityId)}::text))) p ON true`
      : "";
  const columns = PEOPLES.map(([name]) => name);
  const kept = columns.map((name) => `'${name}', a.was_${name}`).join(", ");
  // What was so before comes along with each row: joining both ends of so many rows again would be slow.
  const { rows } = await client.query<Acted>(
    `WITH target AS MATERIALIZED (
       SELECT e.order_key, e.id, e.version, ${columns.map((name) => `e.${name}`).join(", ")} FROM exception e
        WHERE ${chosen.sql} AND e.state = ANY (${bind([...openStates])}::text[]) ORDER BY e.order_key, e.id FOR UPDATE OF e),
     planned AS (
       SELECT t.order_key, t.id, ${PEOPLES.map(([name, type]) => `t.${name} AS was_${name}, (${plan.set[name] ?? `t.${name}`})::${type} AS ${name}`).join(", ")}
         FROM target t ${previous}
        ${plan.where ? `WHERE ${plan.where}` : ""}),
     acted AS (
       UPDATE exception e SET version = e.version + 1, ${columns.map((name) => `${name} = n.${name}`).join(", ")}
         FROM planned n WHERE e.order_key = n.order_key AND e.id = n.id
       RETURNING e.order_key, e.id, e.version, ${columns.map((name) => `n.${name}, n.was_${name}`).join(", ")}),
     told AS (
       INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text, data, operation_id)
       SELECT a.order_key, gen_random_uuid(), a.id, ${at}::timestamptz, ${actorName}::text, ${actorId}::text, ${event}::text,
              coalesce(nullif(${WORDS}, ${note}::text), ''), ${unchanged}::text),
              jsonb_build_object('version', a.version, 'before', jsonb_build_object(${kept})), ${operation}::uuid
         FROM acted a LEFT JOIN "user" was ON was.id = a.was_assignee_id LEFT JOIN "user" now ON now.id = a.assignee_id)
     SELECT order_key AS "orderKey", id, version FROM acted`,
    params,
  );
  await countExceptions(
    client,
    rows.map((row) => row.orderKey),
    doer.now,
  );
  if (rows.length > 0) {
    await client.query(
      "INSERT INTO exception_operation (id, entity_id, actor_id, at, kind, count) VALUES ($1, $2, $3, $4, $5, $6)",
      [operationId, entityId, doer.id, doer.now, act.kind, rows.length],
    );
  }
  return { operationId, acted: rows };
}

/**
 * Takes back what one operation did, for every exception to which nothing has happened since: people, dates and state are
 * again what they were. The others stay as they are. A row of history says so.
 */
export async function undoOperation(
  client: PoolClient,
  operationId: string,
  doer: Doer,
): Promise<readonly Acted[]> {
  const { rows } = await client.query<Acted>(
    `WITH undone AS (
       UPDATE exception e SET version = e.version + 1,
              ${PEOPLES.map(([name, type]) => `${name} = (v.data -> 'before' ->> '${name}')::${type}`).join(", ")}
         FROM (SELECT v.* FROM exception_event v JOIN exception e ON e.order_key = v.order_key AND e.id = v.exception_id
                WHERE v.operation_id = $1 AND e.version = (v.data ->> 'version')::int
                ORDER BY e.order_key, e.id FOR UPDATE OF e) v
        WHERE e.order_key = v.order_key AND e.id = v.exception_id
       RETURNING e.order_key, e.id, e.version),
     told AS (
       INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text, data)
       SELECT order_key, gen_random_uuid(), id, $2, $3, $4, 'undone', 'What was done last is taken back.', $5::jsonb FROM undone)
     SELECT order_key AS "orderKey", id, version FROM undone`,
    [operationId, doer.now, doer.name, doer.id, JSON.stringify(toPlain({ operation: operationId }))],
  );
  await countExceptions(
    client,
    rows.map((row) => row.orderKey),
    doer.now,
  );
  await client.query("UPDATE exception_operation SET undone_at = $2 WHERE id = $1", [operationId, doer.now]);
  return rows;
}
