import { orderKeyOf, strayKeyOf } from "@/lib/domain/identity";
import type { Placement, Strategy } from "./contract";

/** The code under which decisions of people are recorded; causes tell a document that a person took out by it. */
const CODE = "by-hand";

export const byHand: Strategy = {
  code: CODE,
  name: "By hand",
  meaning:
    "A person put the document with this order, or the lines with each other; it holds until it is undone.",
  level: "document",
  async place({ client, documents }) {
    const { rows } = await client.query<{
      id: string;
      order_connection_id: string | null;
      order_source_id: string | null;
    }>(
      `SELECT d.id, p.order_connection_id, p.order_source_id
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS d(id, connection_id, kind, source_id)
         JOIN placement_decision p ON p.connection_id = d.connection_id AND p.document_kind = d.kind
          AND p.source_id = d.source_id`,
      [
        documents.map((one) => one.id),
        documents.map((one) => one.connectionId),
        documents.map((one) => one.kind),
        documents.map((one) => one.sourceId),
      ],
    );
    const byId = new Map(documents.map((one) => [one.id, one]));
    return new Map(
      rows.flatMap((row): [string, Placement][] => {
        const document = byId.get(row.id);
        if (!document) return [];
        const { order_connection_id: connection, order_source_id: source } = row;
        const known = connection !== null && source !== null;
        return [
          [
            row.id,
            {
              orderKey: known
                ? orderKeyOf(connection, source)
                : strayKeyOf(document.connectionId, document.sourceId),
              orderKnown: known,
              placedBy: CODE,
            },
          ],
        ];
      }),
    );
  },
};
