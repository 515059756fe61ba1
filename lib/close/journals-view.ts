import "server-only";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import { PURPOSES } from "./journal";
import { findAccounts, findCorrections, findJournals } from "./journals";
import { findPeriod } from "./state";

/** What is left to be corrected of a month, and the journals that stand for it. */
export async function loadJournals(entityId: string, month: Month) {
  const { actor } = await pageEntities("close.read", entityId);
  const pool = appPool();
  const [corrections, journals, accounts, period] = await Promise.all([
    findCorrections(pool, entityId, month),
    findJournals(pool, entityId, month),
    findAccounts(pool, entityId),
    findPeriod(pool, entityId, month),
  ]);
  return {
    entityId,
    month,
    corrections: corrections.filter((one) => one.gross !== 0n || one.tax !== 0n),
    journals,
    accounts,
    purposes: PURPOSES,
    me: actor.id,
    closed: period?.state === "closed",
    may: {
      propose: may(actor, "journals.propose", entityId),
      approve: may(actor, "journals.approve", entityId),
      setAccounts: may(actor, "settings.write", entityId),
    },
  } as const;
}

export type JournalsView = Awaited<ReturnType<typeof loadJournals>>;
