import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Table, Td, Th } from "@/components/ui/table";
import { channelWords, percent } from "../change/words";
import { TaxCodeForm } from "./code-forms";
import { MappingFrame } from "./mapping-frame";
import { EditLink, LastHeadings, pathWith, RowLinks, SetCells, type TableOf } from "./row-cells";

/** Which tax codes are right where: who said so and when, with the history of one row. */
export function TaxCodes({ view, shown, search }: TableOf<"tax-codes">) {
  const entity = view.entity.id;
  return (
    <MappingFrame
      view={view}
      shown={shown}
      search={search}
      title="Tax codes"
      description="Which codes are right for goods that ship to a country, in a channel, at a rate"
      searchLabel="Search by country, channel, rate, code or person"
      add={pathWith("/settings/change", { entity, change: "tax-code" })}
      form={(row) =>
        row && (
          <TaxCodeForm
            entityId={entity}
            row={row}
            codes={[...new Set(shown.rows.map(({ taxCode }) => taxCode))]}
          />
        )
      }
      draftOf={({ shipTo, channel, rate, taxCode, right }) => ({
        ...{ shipTo, channel, rate, taxCode },
        right: right === false ? "no" : "yes",
      })}
    >
      <Table caption="Tax codes">
        <thead>
          <tr>
            <Th>Ships to</Th>
            <Th>Channel</Th>
            <Th align="end">Rate</Th>
            <Th>Tax code</Th>
            <Th>State</Th>
            <LastHeadings />
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => (
            <tr key={row.id}>
              <Td>{row.shipTo}</Td>
              <Td>{channelWords(row.channel)}</Td>
              <Td align="end">{percent(row.rate)}</Td>
              <Td>{row.taxCode}</Td>
              <Td>
                {row.right === null ? (
                  <Badge tone="attention">Proposed, not used</Badge>
                ) : row.right ? (
                  <Badge tone="agrees">Right</Badge>
                ) : (
                  <Badge>Not right</Badge>
                )}
              </Td>
              <SetCells row={row} timeZone={view.entity.timeZone} />
              <Td align="end">
                <RowLinks of={{ view, shown, search }} id={row.id} what={`${row.taxCode} in ${row.shipTo}`}>
                  {row.right === null ? (
                    // Nobody has said anything of it: there is nothing yet that a change could follow.
                    <Link
                      className="text-accent underline"
                      aria-label={`Decide on ${row.taxCode} in ${row.shipTo} at ${percent(row.rate)}`}
                      href={pathWith("/settings/change", {
                        entity,
                        change: "tax-code",
                        shipTo: row.shipTo,
                        channel: row.channel,
                        rate: row.rate,
                        taxCode: row.taxCode,
                        right: "yes",
                      })}
                    >
                      Decide
                    </Link>
                  ) : (
                    <EditLink
                      of={{ view, shown, search }}
                      id={row.id}
                      what={`${row.taxCode} in ${row.shipTo} at ${percent(row.rate)}`}
                    />
                  )}
                </RowLinks>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </MappingFrame>
  );
}
