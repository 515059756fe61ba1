import type pg from "pg";

/** What a reconciliation looks at: everything, one month, given groups, or what changed (and what was on its way, or waits for a
 * record that could not be read). */
export type Scope =
  | Readonly<{ kind: "all" }>
  | Readonly<{ kind: "period"; period: string }>
  | Readonly<{ kind: "groups"; orderKeys: readonly string[] }>
  | Readonly<{ kind: "changed" }>;

/** Fills the temporary table `scope` with the keys of the groups to look at. Returns how many. */
export async function fillScope(client: pg.PoolClient, entityId: string, scope: Scope): Promise<number> {
  await client.query("CREATE TEMP TABLE scope (order_key uuid PRIMARY KEY) ON COMMIT DROP");
  const [select, values] = selection(entityId, scope);
  const { rowCount } = await client.query(`INSERT INTO scope ${select} ON CONFLICT DO NOTHING`, values);
  await client.query("ANALYZE scope");
  return rowCount ?? 0;
}

const EVERYTHING = `
  SELECT order_key FROM sales_order WHERE entity_id = $1
  UNION SELECT order_key FROM document WHERE entity_id = $1
  UNION SELECT order_key FROM pair WHERE entity_id = $1
  UNION SELECT order_key FROM exception WHERE entity_id = $1 AND state <> 'resolved' AND cause <> 'record-failed'
  UNION SELECT order_key FROM dirty_group WHERE entity_id = $1`;

function selection(entityId: string, scope: Scope): [string, unknown[]] {
  switch (scope.kind) {
    case "all":
      return [EVERYTHING, [entityId]];
    case "period":
      return [
        `SELECT order_key FROM line WHERE entity_id = $1 AND period = $2
         UNION SELECT order_key FROM cause WHERE entity_id = $1 AND period = $2
         UNION SELECT order_key FROM dirty_group WHERE entity_id = $1`,
        [entityId, scope.period],
      ];
    case "groups":
      return [
        "SELECT key FROM unnest($2::uuid[]) AS key WHERE $1::text IS NOT NULL",
        [entityId, scope.orderKeys],
      ];
    case "changed":
      return [
        `SELECT order_key FROM dirty_group WHERE entity_id = $1
         UNION SELECT order_key FROM cause WHERE entity_id = $1 AND (bucket = 'timing' OR code = 'order-unreadable')
         UNION SELECT d.order_key FROM failed_record f JOIN document d ON d.entity_id = f.entity_id AND d.side = 'erp'
                AND lower(btrim(d.reference)) IN (lower(btrim(f.reference)), lower(btrim(f.source_id)))
          WHERE f.entity_id = $1 AND f.resource = 'orders' AND f.resolved_at IS NULL`,
        [entityId],
      ];
    default:
      throw new Error(`no such scope: ${JSON.stringify(scope satisfies never)}`);
  }
}
