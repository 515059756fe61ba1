import "server-only";
import type pg from "pg";
import { type AuditContext, audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import type { Permission } from "@/lib/auth/permissions";
import { Refusal } from "@/lib/domain/faults";
import type { OneRun } from "./schema";

/** A run that was stopped or failed, as whoever lets it go on needs it. */
export type EndedRun = Readonly<{
  id: string;
  kind: string;
  state: string;
  feedId: string | null;
  /** whether it read everything, and not what changed alone */
  full: boolean;
}>;

/** Runs of some kinds that people may stop and let go on: who may, and what adds their work again. */
export type StoppableRuns = Readonly<{
  kinds: readonly string[];
  permission: Permission;
  goOn(client: pg.ClientBase, run: EndedRun, actor: Actor): Promise<unknown>;
}>;

/**
 * Asks a run to stop after the page or the orders that it is at; one that has not begun is stopped at once.
 * Throws Refusal: "not-allowed", "not-found", "conflict" where it has ended.
 */
export async function stopRun(
  actor: Actor,
  { entityId, runId }: OneRun,
  runs: StoppableRuns,
  context: AuditContext,
): Promise<void> {
  const at = context.now ?? new Date();
  await changeRun(actor, { entityId, runId }, "run.stop", runs, context, async (client, { state }) => {
    if (state !== "running" && state !== "waiting")
      throw new Refusal("conflict", "This run has ended already.");
    await client.query(
      `UPDATE run SET stop_asked_at = $2::timestamptz, stop_asked_by = $3::text,
              state = CASE WHEN state = 'waiting' THEN 'stopped' ELSE state END,
              finished_at = CASE WHEN state = 'waiting' THEN $2::timestamptz END,
              error = CASE WHEN state = 'waiting' THEN $3::text || ' stopped it before it began.' END WHERE id = $1`,
      [runId, at, actor.name],
    );
  });
}

/**
 * Lets a run that was stopped or failed go on where it was. Throws Refusal: "not-allowed", "not-found", "conflict" where it
 * is at work or done.
 */
export async function resumeRun(
  actor: Actor,
  one: OneRun,
  runs: StoppableRuns,
  context: AuditContext,
): Promise<void> {
  await changeRun(actor, one, "run.resume", runs, context, async (client, run) => {
    if (run.state !== "stopped" && run.state !== "failed") {
      throw new Refusal("conflict", "Only a run that was stopped or failed can go on.");
    }
    await runs.goOn(client, run, actor);
  });
}

/** Lets a run that keeps its place wait for its work again, as if nobody had stopped it. */
export const waitAgain = (client: pg.ClientBase, runId: string): Promise<unknown> =>
  client.query(
    `UPDATE run SET state = 'waiting', finished_at = NULL, error = NULL, stop_asked_at = NULL, stop_asked_by = NULL
      WHERE id = $1`,
    [runId],
  );

/** A change of a run of the entity, which is held so that it does not end meanwhile, with its audit record. */
async function changeRun(
  actor: Actor,
  { entityId, runId }: OneRun,
  action: string,
  { kinds, permission }: StoppableRuns,
  context: AuditContext,
  change: (client: pg.ClientBase, run: EndedRun) => Promise<void>,
): Promise<void> {
  assertMay(actor, permission, entityId);
  await audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query<EndedRun>(
        `SELECT id, kind, state, feed_id AS "feedId", coalesce((scope ->> 'full')::boolean, false) AS full FROM run
          WHERE id = $1 AND entity_id = $2 AND kind = ANY($3) FOR UPDATE`,
        [runId, entityId, [...kinds]],
      );
      const [run] = rows;
      if (!run) throw new Refusal("not-found", "There is no such run in this entity.");
      await change(client, run);
      return {
        result: undefined,
        change: { action, subject: `run:${runId}`, before: { state: run.state }, after: null },
      };
    },
    context,
  );
}
