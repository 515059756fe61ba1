import type { Route } from "next";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { PairingSettings } from "@/lib/pairing/loaders";
import { UndoPairButton, UndoPlaceButton } from "./undo-button";

/** Where people put ERP documents, newest first. */
export function DecisionsCard({ rows }: Readonly<{ rows: PairingSettings["decisions"] }>) {
  return (
    <Card title="Documents placed by hand" flush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className="text-sm text-soft">
          None. Linking an ERP document to an order, from its exception or its page, makes the first row.
        </p>
      ) : (
        <Table caption="Documents placed by hand">
          <thead>
            <tr>
              <Th>Document</Th>
              <Th>Belongs to</Th>
              <Th>Note</Th>
              <Th>By</Th>
              <Th>When</Th>
              <Th>
                <span className="sr-only">Undo</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <Td>
                  <Open orderKey={row.orderKey}>{row.document}</Open>
                </Td>
                <Td>{row.order ? `order ${row.order}` : "no order"}</Td>
                <Td>{row.note ?? "–"}</Td>
                <Td>{row.madeBy}</Td>
                <Td>
                  <Instant at={row.madeAt} timeZone={row.timeZone} />
                </Td>
                <Td>
                  {row.mayUndo && (
                    <UndoPlaceButton
                      entityId={row.entityId}
                      id={row.id}
                      orderKey={row.orderKey}
                      label={row.document}
                    />
                  )}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}

/** Which lines people paired, or took out of their pair. */
export function HandPairsCard({ rows }: Readonly<{ rows: PairingSettings["handPairs"] }>) {
  return (
    <Card title="Lines paired by hand" flush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className="text-sm text-soft">None. Pairing lines on an order's page makes the first row.</p>
      ) : (
        <Table caption="Lines paired by hand">
          <thead>
            <tr>
              <Th>Order</Th>
              <Th>Lines</Th>
              <Th>By</Th>
              <Th>When</Th>
              <Th>
                <span className="sr-only">Undo</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <Td>
                  <Open orderKey={row.orderKey}>{row.order ?? "no order"}</Open>
                </Td>
                <Td>
                  {row.kind === "together" ? "Together: " : "Out of its pair: "}
                  {row.lines.join(", ")}
                </Td>
                <Td>{row.madeBy}</Td>
                <Td>
                  <Instant at={row.madeAt} timeZone={row.timeZone} />
                </Td>
                <Td>
                  {row.mayUndo && (
                    <UndoPairButton
                      entityId={row.entityId}
                      orderKey={row.orderKey}
                      pairId={row.id}
                      label={row.lines.join(", ")}
                    />
                  )}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}

function Open({ orderKey, children }: Readonly<{ orderKey: string | null; children: string }>) {
  if (orderKey === null) return children;
  return (
    <Link
      href={`/orders/${orderKey}` as Route}
      className="underline decoration-line-strong underline-offset-4"
    >
      {children}
    </Link>
  );
}
