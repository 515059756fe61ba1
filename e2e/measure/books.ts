import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { runReconciliation } from "@/lib/matching/reconcile";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";

const NAME = "the measurement";
const ACTOR: AuditActor = { kind: "machine", id: "measure", name: NAME };
const now = (): Date => new Date();

/** Connects empty books to the sandbox at an address. */
export const connectBooks = (pool: pg.Pool, url: string): Promise<unknown> =>
  connectSandbox(url, { pool, actor: ACTOR, at: now() });

/** Reads all that there is, and reconciles it. Throws where a feed could not be read. */
export async function fillBooks(pool: pg.Pool): Promise<void> {
  const { feeds } = await runSync({}, { actorName: NAME, now, pool });
  const fault = feeds.find((feed) => feed.state !== "done");
  if (fault) throw new Error(`${fault.feed}: ${fault.error}`);
  await runReconciliation({}, { actorName: NAME, now });
}
