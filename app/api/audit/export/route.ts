import type { NextRequest } from "next/server";
import { z } from "zod";
import { readAllOf } from "@/lib/audit/data";
import { auditHead, auditLine } from "@/lib/audit/export";
import { choicesFor, filterOf } from "@/lib/audit/loaders";
import { AuditQuery } from "@/lib/audit/schema";
import { may } from "@/lib/auth/actor";
import { currentActor } from "@/lib/auth/session";

const Format = z.enum(["csv", "jsonl"]);
const TYPES = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" } as const;

/** Exactly the events that the audit page's filter means, oldest first, as a file that is made while it is taken. */
export async function GET({ nextUrl }: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return new Response("Sign in first.", { status: 401 });
  if (!may(actor, "audit.read")) return new Response("You may not read the audit trail.", { status: 403 });
  const params = Object.fromEntries([...nextUrl.searchParams].filter(([, value]) => value !== ""));
  const format = Format.safeParse(params["format"]);
  if (!format.success) return new Response("The format is csv or jsonl.", { status: 400 });
  const query = AuditQuery.parse(params);
  const { entities, choices } = await choicesFor(actor);
  const chosen = query.chain === undefined ? choices[0] : choices.find(({ chain }) => chain === query.chain);
  if (!chosen) return new Response("You may not read this chain.", { status: 403 });
  const { chain } = chosen;
  const timeZone = entities.find(({ id }) => id === chain)?.timeZone ?? "UTC";
  const batches = readAllOf(filterOf(query, chain, timeZone));
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(auditHead(format.data))),
    async pull(controller) {
      const { value, done } = await batches.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value.map((one) => auditLine(format.data, one)).join("")));
    },
    cancel: async () => {
      await batches.return(undefined);
    },
  });
  const name = `audit-${chain === "*" ? "all" : chain.replace(/[^\w-]/g, "_")}.${format.data}`;
  return new Response(body, {
    headers: {
      "content-type": TYPES[format.data],
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
}
