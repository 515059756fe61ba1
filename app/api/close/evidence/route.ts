import type { NextRequest } from "next/server";
import { z } from "zod";
import { recordRefusedCommand } from "@/lib/auth/refused-command";
import { currentActor } from "@/lib/auth/session";
import { Month } from "@/lib/close/schema";
import { addFile, EVIDENCE_BYTES_MAX, findFile } from "@/lib/close/tasks";
import { appPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";

const Sent = z.object({
  entityId: z.string().min(1).max(64),
  month: Month,
  templateId: z.guid(),
  file: z.instanceof(File),
});

const STATUS: Readonly<Record<string, number>> = {
  "not-allowed": 403,
  "not-found": 404,
  conflict: 409,
  invalid: 400,
};
const refused = (status: number, error: string): Response => Response.json({ error }, { status });

/** Adds a file as evidence of a task. The cookie alone would let other sites send files: their own origin is asked for. */
export async function POST(request: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return refused(401, "Sign in first.");
  const origin = request.headers.get("origin");
  if (origin !== null && new URL(origin).host !== request.headers.get("host"))
    return refused(403, "Files are taken from this site's own pages only.");
  if (Number(request.headers.get("content-length") ?? 0) > EVIDENCE_BYTES_MAX + 64 * 1024)
    return refused(413, "The file is larger than 5 MB: add a link to it instead.");
  const parsed = Sent.safeParse(Object.fromEntries(await request.formData()));
  if (!parsed.success) return refused(400, "Choose a file.");
  const { file, ...of } = parsed.data;
  try {
    const sent = {
      name: file.name.slice(0, 200) || "file",
      mediaType: /^[\w.+-]+\/[\w.+-]+$/.test(file.type) ? file.type : "application/octet-stream",
      content: Buffer.from(await file.arrayBuffer()),
    };
    return Response.json({ id: await addFile(actor, of, sent, { now: new Date() }) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await recordRefusedCommand(actor, error, "close-task.add-evidence", of);
    return refused(STATUS[error.code] ?? 400, error.message);
  }
}

/** A kept file, to be saved and never shown as a page of ours. */
export async function GET({ nextUrl }: NextRequest): Promise<Response> {
  const actor = await currentActor();
  if (!actor) return new Response("Sign in first.", { status: 401 });
  const id = z.guid().safeParse(nextUrl.searchParams.get("id"));
  const file = id.success ? await findFile(appPool(), actor, id.data) : null;
  if (!file) return new Response("There is no such file.", { status: 404 });
  return new Response(new Uint8Array(file.content), {
    headers: {
      "content-type": file.mediaType,
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
}
