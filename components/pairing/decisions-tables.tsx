import type { ReactNode } from "react";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { PairingSettings } from "@/lib/pairing/loaders";
import { OpenOrder } from "./open-order";
import { UndoPairButton, UndoPlaceButton } from "./undo-button";

/** Where people put ERP documents, newest first. */
export function DecisionsCard({
  rows,
  resync,
}: Readonly<{ rows: PairingSettings["decisions"]; resync: ResyncOf }>) {
  return (
    <ByHandCard
      title="Documents placed by hand"
      empty="None. Linking an ERP document to an order, from its exception or its page, makes the first row."
      rows={rows}
      columns={[
        {
          header: "Document",
          cell: (row) => <OpenOrder orderKey={row.orderKey}>{row.document}</OpenOrder>,
        },
        { header: "Belongs to", cell: (row) => (row.order ? `order ${row.order}` : "no order") },
        { header: "Note", cell: (row) => row.note ?? "–" },
      ]}
      resync={(row) => row.orderKey && resync(row.entityId, row.orderKey, `document ${row.document}`)}
      undo={(row) => (
        <UndoPlaceButton entityId={row.entityId} id={row.id} orderKey={row.orderKey} label={row.document} />
      )}
    />
  );
}

/** Which lines people paired, or took out of their pair. */
export function HandPairsCard({
  rows,
  resync,
}: Readonly<{ rows: PairingSettings["handPairs"]; resync: ResyncOf }>) {
  return (
    <ByHandCard
      title="Lines paired by hand"
      empty="None. Pairing lines on an order's page makes the first row."
      rows={rows}
      columns={[
        {
          header: "Order",
          cell: (row) => <OpenOrder orderKey={row.orderKey}>{row.order ?? "no order"}</OpenOrder>,
        },
        {
          header: "Lines",
          cell: (row) =>
            `${row.kind === "together" ? "Together: " : "Out of its pair: "}${row.lines.join(", ")}`,
        },
      ]}
      resync={(row) => resync(row.entityId, row.orderKey, `order ${row.order ?? "without a name"}`)}
      undo={(row) => (
        <UndoPairButton
          entityId={row.entityId}
          orderKey={row.orderKey}
          pairId={row.id}
          label={row.lines.join(", ")}
        />
      )}
    />
  );
}

/** What has a group of an entity read again, under a name. */
type ResyncOf = (entityId: string, orderKey: string, name: string) => ReactNode;

type MadeByHand = Readonly<{
  id: string;
  madeBy: string;
  madeAt: Date;
  timeZone: string;
  mayUndo: boolean;
  mayResync: boolean;
}>;
type Column<Row> = Readonly<{ header: string; cell: (row: Row) => ReactNode }>;

/** What people decided: what of, by whom, when, and the way back for who may go it. */
function ByHandCard<Row extends MadeByHand>({
  title,
  empty,
  rows,
  columns,
  resync,
  undo,
}: Readonly<{
  title: string;
  empty: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  resync: (row: Row) => ReactNode;
  undo: (row: Row) => ReactNode;
}>) {
  return (
    <Card title={title} flush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className="text-sm text-soft">{empty}</p>
      ) : (
        <Table caption={title}>
          <thead>
            <tr>
              {[...columns.map((column) => column.header), "By", "When"].map((header) => (
                <Th key={header}>{header}</Th>
              ))}
              <Th>
                <span className="sr-only">Resync</span>
              </Th>
              <Th>
                <span className="sr-only">Undo</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                {columns.map((column) => (
                  <Td key={column.header}>{column.cell(row)}</Td>
                ))}
                <Td>{row.madeBy}</Td>
                <Td>
                  <Instant at={row.madeAt} timeZone={row.timeZone} />
                </Td>
                <Td>{row.mayResync && resync(row)}</Td>
                <Td>{row.mayUndo && undo(row)}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
