import "server-only";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import type { WireRequest } from "@/lib/connectors/write";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { PURPOSES } from "./journal";
import { findJournalPlaces, findPostings, type JournalPlace, takesBackFile } from "./journal-posting";
import { findAccounts, findCorrections, findJournals, isToExport, type Journal } from "./journals";
import { findPeriod } from "./state";

/** What is left to be corrected of a month, and the journals that stand for it. */
export async function loadJournals(entityId: string, month: Month) {
  const { actor } = await pageEntities("close.read", entityId);
  const pool = appPool();
  const [corrections, journals, accounts, period, places] = await Promise.all([
    findCorrections(pool, entityId, month),
    findJournals(pool, entityId, month),
    findAccounts(pool, entityId),
    findPeriod(pool, entityId, month),
    findJournalPlaces(pool, entityId),
  ]);
  const postings = await findPostings(
    pool,
    journals.map((one) => one.id),
  );
  // What is posted from here would count twice if it were taken in from a file too.
  const inErp = new Set(postings.flatMap((one) => (one.state === "refused" ? [] : [one.journalId])));
  const toExport = (again: boolean) =>
    journals
      .filter((one) => isToExport(one, again) && !inErp.has(one.id))
      .map(({ number, exportedAt }) => ({ number, exportedAt }));
  return {
    entityId,
    month,
    corrections: corrections.filter((one) => one.gross !== 0n || one.tax !== 0n),
    journals,
    /** numbers of those that can be taken into the ERP as a file: never taken so far, and once more */
    toExport: toExport(false),
    toExportAgain: toExport(true),
    /** the ERP's connections, and why one of them posts no journals */
    connections: places.map(({ id, name, lacks }) => ({ id, name, lacks })),
    /** of each journal how its posting stands; nothing where nobody asked for it */
    postings,
    /** where each approved journal that is in no ERP yet can be posted, and what would be sent; or why it can't */
    ways: Object.fromEntries(journals.map((journal) => [journal.id, waysOf(journal, places)])),
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

/** A connection through which a journal can be posted, with what would be sent; or why it can't be. */
export type JournalWay = Readonly<{
  connectionId: string;
  name: string;
  requests: readonly WireRequest[];
  why: string | null;
}>;

function waysOf(journal: Journal, places: readonly JournalPlace[]): readonly JournalWay[] {
  if (journal.state !== "approved" || !journal.books || journal.exportedAt !== null) return [];
  return places
    .filter(({ lacks }) => lacks === null)
    .map(({ id, name, plan }) => {
      if (journal.original !== null && journal.originalExported)
        return {
          connectionId: id,
          name,
          requests: [],
          why: takesBackFile(journal.number, journal.original),
        };
      try {
        const write = { ...journal, text: `Tieout journal ${journal.number}` };
        return { connectionId: id, name, requests: plan.requests(write, journal.id), why: null };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { connectionId: id, name, requests: [], why: error.message };
      }
    });
}

export type JournalsView = Awaited<ReturnType<typeof loadJournals>>;
