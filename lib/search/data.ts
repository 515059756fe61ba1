import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";

/** A document of the ERP as a search shows it. */
export type DocumentHit = Readonly<{
  id: string;
  orderKey: string;
  entityId: string;
  number: string;
  kind: string;
  postingDay: Day | null;
}>;

/** Documents of the ERP whose number begins so, whether written in capitals or not; the exact one first. */
export async function findDocumentsByNumber(
  entityIds: readonly string[],
  text: string,
  most: number,
): Promise<readonly DocumentHit[]> {
  const start = `${text.trim().replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const { rows } = await appPool().query<DocumentHit>(
    `SELECT id, order_key AS "orderKey", entity_id AS "entityId", number, kind, posting_day AS "postingDay"
       FROM document WHERE entity_id = ANY($1) AND side = 'erp' AND upper(number) LIKE upper($2)
      ORDER BY length(number), upper(number), id LIMIT $3`,
    [[...entityIds], start, most],
  );
  return rows;
}
