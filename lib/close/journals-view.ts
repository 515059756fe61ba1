import "server-only";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { ledgerConnectors } from "@/lib/connectors/registry";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import { PURPOSES } from "./journal";
import { findAccounts, findCorrections, findJournals } from "./journals";
import { findPeriod } from "./state";

/** What is left to be corrected of a month, and the journals that stand for it. */
export async function loadJournals(entityId: string, month: Month) {
  const { actor } = await pageEntities("close.read", entityId);
  const pool = appPool();
  const [corrections, journals, accounts, period, connections] = await Promise.all([
    findCorrections(pool, entityId, month),
    findJournals(pool, entityId, month),
    findAccounts(pool, entityId),
    findPeriod(pool, entityId, month),
    pool.query<{ kind: string; name: string }>(
      "SELECT kind, name FROM connection WHERE entity_id = $1 AND side = 'erp' AND retired_at IS NULL ORDER BY name, id",
      [entityId],
    ),
  ]);
  return {
    entityId,
    month,
    corrections: corrections.filter((one) => one.gross !== 0n || one.tax !== 0n),
    journals,
    /** the ERP's connections, and why none of them posts journals */
    connections: connections.rows.map(({ kind, name }) => ({
      name,
      why:
        ledgerConnectors.get(kind)?.journals ??
        "Its books are read from files: nothing is posted through it.",
    })),
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
