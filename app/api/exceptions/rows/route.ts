import type { NextRequest } from "next/server";
import { z } from "zod";
import { currentActor } from "@/lib/auth/session";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { loadMoreExceptions } from "@/lib/exceptions/loaders";
import { ExceptionQuery } from "@/lib/exceptions/schema";

/** How many rows one answer may hold. */
const Size = z.coerce.number().int().min(1).max(500).catch(100);

/** The rows of the queue that follow a place, and the place after them: for who scrolls on. */
export async function GET({ nextUrl }: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return new Response("Sign in first.", { status: 401 });
  const params = Object.fromEntries(nextUrl.searchParams);
  const query = ExceptionQuery.parse(params);
  try {
    const page = await loadMoreExceptions(actor, query.entity ?? "", {
      query,
      size: Size.parse(params["size"]),
      now: new Date(),
    });
    return new Response(toJson(page), {
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  } catch (error) {
    if (error instanceof Refusal) return new Response(error.message, { status: 403 });
    throw error;
  }
}
