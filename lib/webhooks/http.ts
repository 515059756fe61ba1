import "server-only";
import { appPool } from "@/lib/db/pool";
import { log } from "@/lib/log";
import { type Answer, BODY_BYTES_MAX, type Call, type ReceiveContext } from "./receive";

/**
 * Answers a call: 413 for a body that is too large, 202 for what is kept, 503 where it could not be kept, so that the
 * sender delivers it again. The answer says nothing of what is held.
 */
export async function answerTo(
  request: Request,
  receive: (call: Call, context: ReceiveContext) => Promise<Answer>,
): Promise<Response> {
  try {
    const body = await bodyOf(request);
    if (body === null) return said(413, `A body may have ${BODY_BYTES_MAX} bytes.`);
    const header = (name: string): string | null => request.headers.get(name);
    const { status, message } = await receive({ header, body }, { pool: appPool(), now: () => new Date() });
    return said(status, message);
  } catch (error) {
    log.defect("A webhook could not be kept", error);
    return said(503, "It could not be kept. Deliver it again.");
  }
}

const said = (status: number, message: string): Response =>
  Response.json({ message }, { status, ...(status === 401 && { headers: { "www-authenticate": "Basic" } }) });

/** The bytes of a body; null as soon as they are too many, whatever its length header says. */
async function bodyOf(request: Request): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES_MAX) return null;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
