import "server-only";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import type { PeriodOfEntity } from "./schema";

/** Keeps who asked for a reconciliation, before it runs. Throws Refusal "not-allowed". */
export async function requestReconciliation(
  actor: Actor,
  { entityId, period }: PeriodOfEntity,
): Promise<void> {
  assertMay(actor, "reconcile.run", entityId);
  await audited(actor, entityId, async () => ({
    result: undefined,
    change: {
      action: "run.reconcile",
      subject: `period:${entityId}/${period}`,
      before: null,
      after: { period },
    },
  }));
}

/** Keeps who asked for a second count at the sources, before it runs. Throws Refusal "not-allowed". */
export async function requestRecount(actor: Actor, { entityId, period }: PeriodOfEntity): Promise<void> {
  assertMay(actor, "feeds.sync", entityId);
  await audited(actor, entityId, async () => ({
    result: undefined,
    change: {
      action: "run.recount",
      subject: `period:${entityId}/${period}`,
      before: null,
      after: { period },
    },
  }));
}
