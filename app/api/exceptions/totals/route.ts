import type { NextRequest } from "next/server";
import { currentActor } from "@/lib/auth/session";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { loadTotals } from "@/lib/exceptions/loaders";
import { ExceptionQuery } from "@/lib/exceptions/schema";

/** Count and sums of all that the queue's filter means, where they are too many to be counted before the page is shown. */
export async function GET({ nextUrl }: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return new Response("Sign in first.", { status: 401 });
  const query = ExceptionQuery.parse(Object.fromEntries(nextUrl.searchParams));
  try {
    const totals = await loadTotals(actor, query.entity ?? "", { query, now: new Date() });
    return new Response(toJson(totals), {
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  } catch (error) {
    if (error instanceof Refusal) return new Response(error.message, { status: 403 });
    throw error;
  }
}
