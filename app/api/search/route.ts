import type { NextRequest } from "next/server";
import { currentActor } from "@/lib/auth/session";
import { RecordSearch } from "@/lib/search/schema";
import { searchRecords } from "@/lib/search/search";

/** Records by a few letters, of those that the person may see: what the palette finds on every page. */
export async function GET({ nextUrl }: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return new Response("Sign in first.", { status: 401 });
  const text = RecordSearch.parse(nextUrl.searchParams.get("q"));
  return Response.json(await searchRecords(actor, text, { now: new Date() }), {
    headers: { "cache-control": "no-store" },
  });
}
