import type { NextRequest } from "next/server";
import { z } from "zod";
import { recordRefusedCommand } from "@/lib/auth/refused-command";
import { currentActor } from "@/lib/auth/session";
import { journalsCsv } from "@/lib/close/journal-file";
import { exportJournals } from "@/lib/close/journals";
import { PeriodOfEntity } from "@/lib/close/schema";
import { Refusal } from "@/lib/domain/faults";

const Asked = z.object({ entity: PeriodOfEntity.shape.entityId, month: PeriodOfEntity.shape.period });

/** The approved journals of a month as CSV, one row per line. */
export async function GET({ nextUrl }: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return new Response("Sign in first.", { status: 401 });
  const asked = Asked.safeParse(Object.fromEntries(nextUrl.searchParams));
  if (!asked.success) return new Response("An entity and a month are needed.", { status: 400 });
  const { entity: entityId, month } = asked.data;
  try {
    const journals = await exportJournals(actor, { entityId, month }, { now: new Date() });
    return new Response(journalsCsv(journals), {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="journals-${entityId.replace(/[^\w-]/g, "_")}-${month}.csv"`,
        "cache-control": "no-store",
      },
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await recordRefusedCommand(actor, error, "journal.export", { entityId, month });
    return new Response(error.message, { status: error.code === "not-allowed" ? 403 : 409 });
  }
}
