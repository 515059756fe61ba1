import { runReconciliation } from "@/lib/matching/reconcile";
import { type FeedCount, type RecountContext, type RecountRequest, runRecount } from "./run-recount";

/**
 * Counts a month of an entity again at its sources, and lets the month's totals know what they said. All that a clock has
 * to call; the proof (`prove`) then says whether it holds.
 *
 * @throws Refusal what `runRecount` and `runReconciliation` throw
 */
export async function recountMonth(
  request: RecountRequest,
  context: RecountContext,
): Promise<readonly FeedCount[]> {
  const counts = await runRecount(request, context);
  await runReconciliation({ entityId: request.entityId }, context);
  return counts;
}
