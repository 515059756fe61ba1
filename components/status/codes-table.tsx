import { Table, Td, Th } from "@/components/ui/table";
import { AXES, type Axis, clashes, codesOf } from "@/lib/domain/status/codes";

const NAMES: Readonly<Record<Axis, string>> = {
  status: "Order, in short",
  order: "Order",
  billing: "Billing",
  shipping: "Shipping",
  item: "Item",
  package: "Parcel",
};

/** SCAYLE's states as they are known here, and which of them no order may have at once. */
export function CodesTable() {
  return (
    <details>
      <summary className="cursor-pointer font-medium">
        The states that SCAYLE has, and what excludes each other
      </summary>
      <div className="mt-3 flex flex-col gap-4">
        <Table caption="States on each of SCAYLE’s axes">
          <thead>
            <tr>
              <Th>Axis</Th>
              <Th>States</Th>
            </tr>
          </thead>
          <tbody>
            {AXES.map((axis) => (
              <tr key={axis}>
                <Td>{NAMES[axis]}</Td>
                <Td>
                  {codesOf(axis).map(({ code, known }, index) => (
                    <span key={code}>
                      {index > 0 && ", "}
                      <code className="text-xs">{code}</code>
                      {known === "assumed" && <span className="text-soft text-xs"> (assumed)</span>}
                    </span>
                  ))}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
        <Table caption="What no order may be at once">
          <thead>
            <tr>
              <Th>Contradiction</Th>
              <Th>Known from</Th>
            </tr>
          </thead>
          <tbody>
            {clashes.map(({ key, says, known }) => (
              <tr key={key}>
                <Td>{says}</Td>
                <Td>{known === "assumed" ? "assumed from the lifecycle" : "SCAYLE’s pages"}</Td>
              </tr>
            ))}
            <tr>
              <Td>
                SCAYLE says that the order is cancelled, and that items of it left and did not come back
              </Td>
              <Td>assumed from the lifecycle</Td>
            </tr>
          </tbody>
        </Table>
        <p className="max-w-prose text-sm text-soft">
          “Assumed” is what could not be read in SCAYLE’s public pages or SDKs. A state that is not here is
          kept as it is and judged by nothing; an order that is only open or not paid yet is waited for by
          nobody.
        </p>
      </div>
    </details>
  );
}
