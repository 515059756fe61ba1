import type pg from "pg";
import { explainGroup } from "@/lib/causes/explain";
import { inTransaction } from "@/lib/db/pool";
import { toPlain } from "@/lib/domain/json";
import { evidenceOf, exceptionOf } from "./findings";
import { loadGroups } from "./groups";
import { asOfEntity, loadEntities } from "./settings";

/** Groups that are looked at together. */
const BATCH = 500;

/**
 * The evidence of exceptions for which none is kept, since nobody has to act on them: their groups explained again, as
 * of the books of now. By exception id, as plain JSON (amounts are integer texts in minor units); those whose cause is
 * gone by now are left out.
 */
export async function evidenceAgain(
  pool: pg.Pool,
  entityId: string,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, unknown>> {
  return inTransaction(pool, async (client) => {
    const [entity] = await loadEntities(client, entityId);
    const evidence = new Map<string, unknown>();
    if (!entity) return evidence;
    const asOf = await asOfEntity(client, entityId, new Date(0));
    const keys = [...new Set(orderKeys)];
    for (let from = 0; from < keys.length; from += BATCH) {
      for (const group of await loadGroups(client, entity, asOf, keys.slice(from, from + BATCH))) {
        const outcome = explainGroup(group);
        for (const finding of outcome.findings.filter((one) => one.cause.raises)) {
          const { id } = exceptionOf(group, outcome, finding, "");
          evidence.set(id, toPlain(evidenceOf(group, outcome, finding)));
        }
      }
    }
    return evidence;
  });
}
