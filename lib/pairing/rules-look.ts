import "server-only";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { appPool, inTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import type { ReferenceRules } from "@/lib/matching/reference-rules";
import { proposeRules, type RulesPreview } from "./rules-preview";
import type { RulesOf } from "./schema";

/**
 * What of a connection's references might be left out so that what stands alone finds its order, with what that would do; null
 * where nothing would help. Throws Refusal: "not-allowed", "not-found".
 */
export async function lookForRules(
  actor: Actor,
  { entityId, connectionId }: RulesOf,
): Promise<Readonly<{ rules: ReferenceRules; preview: RulesPreview }> | null> {
  assertMay(actor, "settings.write", entityId);
  return inTransaction(appPool(), async (client) => {
    const { rowCount } = await client.query(
      "SELECT FROM connection WHERE id = $1 AND entity_id = $2 AND side = 'erp' AND retired_at IS NULL",
      [connectionId, entityId],
    );
    if (!rowCount) throw new Refusal("not-found", "There is no such ERP connection in this entity.");
    return proposeRules(client, { entityId, connectionId });
  });
}
