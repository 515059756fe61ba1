import { Table, Td, Th } from "@/components/ui/table";
import { lineKinds } from "../change/words";
import { ItemForm } from "./code-forms";
import { MappingFrame } from "./mapping-frame";
import { EditLink, LastHeadings, pathWith, RowLinks, SetCells, type TableOf } from "./row-cells";
import { TakeAway } from "./take-away";

/** What ERP items and accounts stand for: who said so and when, with the history of one row. */
export function Items({ view, shown, search }: TableOf<"items">) {
  const entity = view.entity.id;
  return (
    <MappingFrame
      view={view}
      shown={shown}
      search={search}
      title="Items"
      description="ERP items and accounts that stand for something else than the SKU of the same name"
      searchLabel="Search by number, variant, SKU or person"
      add={pathWith("/settings/change", { entity, change: "item" })}
      form={(row) => row && <ItemForm entityId={entity} row={row} />}
      draftOf={({ erpKind, erpItem, erpVariant, lineKind, sku }) => ({
        ...{ erpKind, erpItem, erpVariant, lineKind },
        sku: sku ?? "",
      })}
    >
      <Table caption="Items">
        <thead>
          <tr>
            <Th>ERP</Th>
            <Th>Number</Th>
            <Th>Variant</Th>
            <Th>Stands for</Th>
            <LastHeadings />
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => (
            <tr key={row.id}>
              <Td>{row.erpKind}</Td>
              <Td>{row.erpItem}</Td>
              <Td>{row.erpVariant || "–"}</Td>
              <Td>{row.sku ?? lineKinds[row.lineKind] ?? row.lineKind}</Td>
              <SetCells row={row} timeZone={view.entity.timeZone} />
              <Td align="end">
                <RowLinks of={{ view, shown, search }} id={row.id} what={row.erpItem}>
                  <EditLink
                    of={{ view, shown, search }}
                    id={row.id}
                    what={`what ${row.erpItem} stands for`}
                  />
                  <TakeAway
                    entityId={entity}
                    what={`${row.erpItem} ${row.erpVariant}`.trim()}
                    change={{
                      kind: "item-gone",
                      erpKind: row.erpKind === "account" ? "account" : "item",
                      erpItem: row.erpItem,
                      erpVariant: row.erpVariant,
                      begins: row.validFrom ?? "beginning",
                    }}
                  />
                </RowLinks>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </MappingFrame>
  );
}
