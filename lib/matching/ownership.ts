import type pg from "pg";
import { causeOf } from "@/lib/causes/registry";

/** Who owns a cause in a shop: the most specific rule (shop, entity, all), else the cause's own default. */
export type Ownership = (cause: string, shopId: string | null) => string;

export async function loadOwnership(client: pg.PoolClient, entityId: string): Promise<Ownership> {
  const { rows } = await client.query<{
    cause: string;
    shop_id: string | null;
    entity_id: string | null;
    team: string;
  }>(
    `SELECT cause, shop_id, entity_id, team FROM ownership_rule
      WHERE entity_id IS NULL OR entity_id = $1 ORDER BY id`,
    [entityId],
  );
  return (cause, shopId) => {
    const mine = rows.filter((row) => row.cause === cause);
    const rule =
      mine.find((row) => row.shop_id !== null && row.shop_id === shopId) ??
      mine.find((row) => row.shop_id === null && row.entity_id !== null) ??
      mine.find((row) => row.shop_id === null && row.entity_id === null);
    return rule?.team ?? causeOf(cause)?.defaultOwner ?? "finance";
  };
}
