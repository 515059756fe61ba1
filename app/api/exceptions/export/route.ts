import type { NextRequest } from "next/server";
import { z } from "zod";
import { listEntities } from "@/lib/auth/data";
import { currentActor } from "@/lib/auth/session";
import { dayIn } from "@/lib/domain/day";
import { exportExceptions } from "@/lib/exceptions/export";
import { ExceptionQuery } from "@/lib/exceptions/schema";

const Format = z.enum(["csv", "xlsx"]);
const TYPES = {
  csv: "text/csv; charset=utf-8",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
} as const;

/** Exactly what the queue's filter means, as a file that is made while it is taken. */
export async function GET({ nextUrl }: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return new Response("Sign in first.", { status: 401 });
  const params = Object.fromEntries(nextUrl.searchParams);
  const format = Format.safeParse(params["format"]);
  if (!format.success) return new Response("The format is csv or xlsx.", { status: 400 });
  const asked = ExceptionQuery.parse(params);
  const entities = await listEntities(actor, "exceptions.read");
  const entity = entities.find(({ id }) => id === asked.entity);
  if (!entity) return new Response("You may not see exceptions of this entity.", { status: 403 });
  const now = new Date();
  const today = dayIn(now, entity.timeZone);
  const pieces = exportExceptions(actor, {
    format: format.data,
    scope: { entityIds: [entity.id], actorId: actor.id, today },
    query: asked,
    entity,
    now,
    by: actor.name,
  });
  return new Response(streamOf(pieces), {
    headers: {
      "content-type": TYPES[format.data],
      "content-disposition": `attachment; filename="exceptions-${entity.id.replace(/[^\w-]/g, "_")}-${today}.${format.data}"`,
      "cache-control": "no-store",
    },
  });
}

/** Asks for a piece only when the one before is taken, and lets the source go when the reader does. */
const streamOf = (pieces: AsyncGenerator<Uint8Array, void>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      const { value, done } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await pieces.return();
    },
  });
