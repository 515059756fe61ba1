import { loadAlertCount } from "@/lib/alerts/loaders";

/** How many alerts wait for the reader; null for nobody, which is an answer and no fault: a bell asks it in passing. */
export async function GET(): Promise<Response> {
  return Response.json({ count: await loadAlertCount() }, { headers: { "cache-control": "no-store" } });
}
