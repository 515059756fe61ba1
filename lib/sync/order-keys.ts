import type pg from "pg";
import { aliasOf } from "@/lib/domain/identity";

/** A group that something of a name is in. */
export type NamedGroup = Readonly<{ entityId: string; orderKey: string }>;

/**
 * The groups behind a name within some entities: orders that go by it, ERP documents that carry it as their reference
 * or number, records of it that could not be read.
 */
export async function findOrderKeys(
  pool: pg.Pool,
  entityIds: readonly string[],
  name: string,
): Promise<readonly NamedGroup[]> {
  const { rows } = await pool.query<NamedGroup>(
    `SELECT entity_id AS "entityId", order_key AS "orderKey" FROM order_alias
      WHERE entity_id = ANY($1) AND alias = $2
     UNION SELECT entity_id, order_key FROM document
      WHERE entity_id = ANY($1) AND side = 'erp' AND lower(btrim(reference)) = $2
     UNION SELECT entity_id, order_key FROM document
      WHERE entity_id = ANY($1) AND side = 'erp' AND number = $3
     UNION SELECT entity_id, order_key FROM failed_record
      WHERE entity_id = ANY($1) AND resolved_at IS NULL
        AND (lower(btrim(reference)) = $2 OR lower(source_id) = $2)
     ORDER BY 1, 2`,
    [[...entityIds], aliasOf(name), name.trim()],
  );
  return rows;
}
