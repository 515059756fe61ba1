import "server-only";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { appPool, inTransaction } from "@/lib/db/pool";
import type { ReferenceRules } from "@/lib/matching/reference-rules";
import { rulesOf } from "./rules";
import { previewRules, proposeRules, type RulesPreview } from "./rules-preview";
import type { RulesOf } from "./schema";

/**
 * What given rules would do, or (without any) which rules would help and what they would do; null where none would.
 * Throws Refusal: "not-allowed", "not-found".
 */
export async function lookAtRules(
  actor: Actor,
  { entityId, connectionId }: RulesOf,
  rules: ReferenceRules | null,
): Promise<Readonly<{ rules: ReferenceRules; preview: RulesPreview }> | null> {
  assertMay(actor, "settings.write", entityId);
  return inTransaction(appPool(), async (client) => {
    const of = { entityId, connectionId };
    await rulesOf(client, of);
    return rules ? { rules, preview: await previewRules(client, of, rules) } : proposeRules(client, of);
  });
}
