import { z } from "zod";
import { loadMappingFile } from "@/lib/mappings/loaders";
import { mappingTables } from "@/lib/mappings/schema";

const Query = z.object({
  entity: z.string().max(64).optional(),
  table: z.enum(mappingTables),
});

/** A table of mappings as a CSV file; its loader proves the right to it. */
export async function GET(request: Request): Promise<Response> {
  const query = Query.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  const file = query.success ? await loadMappingFile(query.data.entity, query.data.table) : null;
  if (!file) return new Response("There is no such table.", { status: 404 });
  return new Response(file.text, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${file.name}"`,
      "cache-control": "no-store",
    },
  });
}
