import type { Route } from "next";
import Link from "next/link";
import { Table, Td, Th } from "@/components/ui/table";
import { MappingFrame } from "./mapping-frame";
import { mappingsPath } from "./paths";
import { EditLink, LastHeadings, RowLinks, SetCells, type TableOf } from "./row-cells";
import { ReferenceForm } from "./row-form";
import { TakeAway } from "./take-away";

/** How references are read: what is left out of them, and which order a whole one is. */
export function References({ view, shown, search }: TableOf<"references">) {
  const entity = view.entity.id;
  const { strays, placed } = view.connections.reduce(
    (all, one) => ({ strays: all.strays + one.strays, placed: all.placed + one.placed }),
    { strays: 0, placed: 0 },
  );
  return (
    <MappingFrame
      view={view}
      shown={shown}
      search={search}
      title="Order references"
      description={`What is left out of the ERP’s references, and whose a whole one is; ${strays.toLocaleString("en")} documents stand alone, ${placed.toLocaleString("en")} were placed by these rows`}
      searchLabel="Search by text, order or person"
      add={mappingsPath({ entity, tab: shown.tab, edit: "new" })}
      form={(row) => <ReferenceForm entityId={entity} connections={view.connections} row={row} />}
      draftOf={({ connection, part, text, order }) => ({ connection, part, text, order: order ?? "" })}
    >
      <Table caption="Order references">
        <thead>
          <tr>
            {view.connections.length > 1 && <Th>ERP</Th>}
            <Th>What</Th>
            <Th>Means</Th>
            <LastHeadings />
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => {
            const { what } = row;
            return (
              <tr key={row.id}>
                {view.connections.length > 1 && <Td>{row.connection}</Td>}
                <Td>{what}</Td>
                <Td>
                  {row.order === null ? (
                    "left out"
                  ) : (
                    <Link
                      href={`/orders?q=${encodeURIComponent(row.order)}` as Route}
                      className="inline-flex min-h-[24px] items-center text-accent underline"
                    >
                      order {row.order}
                    </Link>
                  )}
                </Td>
                <SetCells row={row} timeZone={view.entity.timeZone} />
                <Td align="end">
                  <RowLinks of={{ view, shown, search }} id={row.id} what={what}>
                    <EditLink of={{ view, shown, search }} id={row.id} what={what} />
                    <TakeAway
                      entityId={entity}
                      what={what}
                      change={{
                        kind: "reference-gone",
                        connectionId: row.connectionId,
                        part: row.part,
                        text: row.text,
                        begins: row.validFrom ?? "beginning",
                      }}
                    />
                  </RowLinks>
                </Td>
              </tr>
            );
          })}
        </tbody>
      </Table>
    </MappingFrame>
  );
}
