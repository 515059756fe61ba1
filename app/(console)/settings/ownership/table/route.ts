import { loadRulesFile } from "@/lib/ownership/loaders";

/** The table of who owns what as a CSV file; its loader proves the right to it. */
export async function GET(): Promise<Response> {
  return new Response(await loadRulesFile(), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="ownership.csv"',
      "cache-control": "no-store",
    },
  });
}
