import "server-only";
import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { appPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { totalsWithin } from "./data";
import type { ExceptionScope } from "./filter";
import type { ActContext } from "./mutations";
import { countOf, ExceptionQuery, filterNames, MANY, type RemoveView, type SaveView } from "./schema";

/** How many views a person may keep of an entity. */
const MOST = 30;

/** A filter of the queue under a person's own name for it. `query` as the address says it, without the entity. */
export type SavedView = Readonly<{ id: string; name: string; query: string }>;

/** A person's own views of an entity, by name. */
export async function findViews(userId: string, entityId: string): Promise<readonly SavedView[]> {
  const { rows } = await appPool().query<SavedView>(
    "SELECT id, name, query FROM saved_view WHERE user_id = $1 AND entity_id = $2 ORDER BY lower(name), id",
    [userId, entityId],
  );
  return rows;
}

/** How many exceptions each view holds, by its id; null: more than are counted while somebody waits. */
export async function countSaved(
  scope: ExceptionScope,
  entityId: string,
  views: readonly SavedView[],
): Promise<ReadonlyMap<string, number | null>> {
  const counts = await Promise.all(
    views.map(async ({ id, query }) => {
      const asked = ExceptionQuery.parse({
        ...Object.fromEntries(new URLSearchParams(query)),
        entity: entityId,
      });
      const { totals, isWhole } = await totalsWithin(scope, asked, MANY);
      return [id, isWhole ? countOf(totals) : null] as const;
    }),
  );
  return new Map(counts);
}

/** What a view keeps of an address: what narrows, groups and sorts the queue, in one order; no page, no selected row. */
export function viewQuery(address: Readonly<Record<string, string>>): string {
  const known: Readonly<Record<string, unknown>> = ExceptionQuery.parse(address);
  const kept = [...filterNames, "group", "sort"].flatMap((name) => {
    const value = address[name];
    // What can't be understood would be something else tomorrow.
    return value !== undefined && known[name] === value ? [[name, value]] : [];
  });
  return new URLSearchParams(kept).toString();
}

/**
 * Keeps a filter under a name, in place of what the person kept under it before; anybody who may see the queue may.
 * Throws Refusal: "not-allowed"; "conflict" for more than 30 of an entity.
 */
export async function saveView(
  actor: Actor,
  { entityId, name, query: address }: SaveView,
  context: ActContext,
): Promise<SavedView> {
  assertMay(actor, "exceptions.read", entityId);
  const query = viewQuery(address);
  const save = async (client: PoolClient) => {
    const before = await client.query<{ query: string; count: number }>(
      `SELECT (SELECT query FROM saved_view WHERE user_id = $1 AND entity_id = $2 AND name = $3) AS query,
              (SELECT count(*)::int FROM saved_view WHERE user_id = $1 AND entity_id = $2) AS count`,
      [actor.id, entityId, name],
    );
    const was = before.rows[0]?.query ?? null;
    if (was === null && (before.rows[0]?.count ?? 0) >= MOST) {
      throw new Refusal("conflict", `You keep ${MOST} views already: forget one first.`);
    }
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO saved_view (id, user_id, entity_id, name, query, saved_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (user_id, entity_id, name) DO UPDATE SET query = EXCLUDED.query, saved_at = EXCLUDED.saved_at
       RETURNING id`,
      [randomUUID(), actor.id, entityId, name, query, context.now],
    );
    const id = rows[0]?.id ?? "";
    return {
      result: { id, name, query },
      change: {
        action: "view.save",
        subject: `view:${id}`,
        before: was === null ? null : { name, query: was },
        after: { name, query },
      },
    };
  };
  return audited(actor, entityId, save, context);
}

/** Forgets a view of the person's own. Throws Refusal: "not-allowed"; "not-found", for those of others too. */
export async function removeView(
  actor: Actor,
  { entityId, id }: RemoveView,
  context: ActContext,
): Promise<void> {
  assertMay(actor, "exceptions.read", entityId);
  const remove = async (client: PoolClient) => {
    const { rows } = await client.query<{ name: string; query: string }>(
      "DELETE FROM saved_view WHERE id = $1 AND user_id = $2 AND entity_id = $3 RETURNING name, query",
      [id, actor.id, entityId],
    );
    const [was] = rows;
    if (!was) throw new Refusal("not-found", "You keep no such view.");
    return {
      result: undefined,
      change: { action: "view.forget", subject: `view:${id}`, before: was, after: null },
    };
  };
  return audited(actor, entityId, remove, context);
}
