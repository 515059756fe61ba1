import { Table, Td, Th } from "@/components/ui/table";
import { AXES, type Axis, clashes, codesOf, stateWords } from "@/lib/domain/status/codes";
import { erpStates } from "@/lib/domain/status/erp-states";
import { erpMoves, type Move, moves } from "@/lib/domain/status/moves";
import { ITEMS_OUT } from "@/lib/domain/status/step-words";
import { transitions } from "@/lib/domain/status/transitions";

const NAMES: Readonly<Record<Axis, string>> = {
  status: "Order, in short",
  order: "Order",
  billing: "Billing",
  shipping: "Shipping",
  item: "Item",
  package: "Parcel",
};

const FROM: Readonly<Record<Move["known"], string>> = {
  verified: "read in public pages or interfaces",
  assumed: "assumed",
};

const titleOf = (state: string): string => erpStates.find((one) => one.state === state)?.title ?? state;

/** The states of both systems as they are known here, how one comes of another, and which of them no order may have at once. */
export function CodesTable() {
  return (
    <details>
      <summary className="cursor-pointer font-medium">
        The states that SCAYLE and the ERP have, what follows what, and what excludes each other
      </summary>
      <div className="mt-3 flex flex-col gap-4">
        <p className="max-w-prose text-sm text-soft">
          “Assumed” is what could not be read in SCAYLE’s public pages or SDKs: they list the states, and say
          little of what follows what, so that most of it is assumed. A state that is not here is kept as it
          is and judged by nothing; an order that is only open or not paid yet is waited for by nobody. Orders
          are judged by the states that they have; by which way they came to them is not read, so that what
          follows what is listed here and not checked.
        </p>
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
                      {stateWords(axis, code)} <code className="text-soft text-xs">{code}</code>
                      {known === "assumed" && <span className="text-soft text-xs"> (assumed)</span>}
                    </span>
                  ))}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
        <Table caption="States of a document in the ERP">
          <thead>
            <tr>
              <Th>State</Th>
              <Th>What it says of an order</Th>
              <Th>As the ERP writes it</Th>
              <Th>Known from</Th>
            </tr>
          </thead>
          <tbody>
            {erpStates.map(({ state, title, says, names, known }) => (
              <tr key={state}>
                <Td>{title}</Td>
                <Td>{says}</Td>
                <Td>
                  <code className="text-soft text-xs">{names.join(", ")}</code>
                </Td>
                <Td>{FROM[known]}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
        <Table caption="What follows what, on each axis">
          <thead>
            <tr>
              <Th>Axis</Th>
              <Th>From → to</Th>
            </tr>
          </thead>
          <tbody>
            {AXES.map((axis) => (
              <tr key={axis}>
                <Td>SCAYLE: {NAMES[axis]}</Td>
                <Td>
                  <Moves all={moves[axis]} words={(code) => stateWords(axis, code)} />
                </Td>
              </tr>
            ))}
            <tr>
              <Td>The ERP: document</Td>
              <Td>
                <Moves all={erpMoves} words={titleOf} />
                <span className="text-soft text-xs">
                  ; a corrective one is made by a cancellation, and stays so
                </span>
              </Td>
            </tr>
          </tbody>
        </Table>
        <Table caption="What one system’s state asks of the other">
          <thead>
            <tr>
              <Th>From → to</Th>
              <Th>Who pushes it</Th>
              <Th>Known from</Th>
            </tr>
          </thead>
          <tbody>
            {transitions.map(({ code, from, to, pusher, known }) => (
              <tr key={code}>
                <Td>
                  {from} → {to}
                </Td>
                <Td>{pusher}</Td>
                <Td>{FROM[known]}</Td>
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
              <Td>{ITEMS_OUT.says}</Td>
              <Td>assumed from the lifecycle</Td>
            </tr>
          </tbody>
        </Table>
      </div>
    </details>
  );
}

/** Where all of them are known alike it is said once, after the last. */
function Moves({ all, words }: Readonly<{ all: readonly Move[]; words: (state: string) => string }>) {
  const isAlike = all.every(({ known }) => known === all[0]?.known);
  return (
    <>
      {all.map(({ from, to, known }, index) => (
        <span key={`${from} ${to}`}>
          {index > 0 && ", "}
          {words(from)} → {words(to)}
          {!isAlike && known === "assumed" && <span className="text-soft text-xs"> (assumed)</span>}
        </span>
      ))}
      {isAlike && all.length > 0 && (
        <span className="text-soft text-xs">
          {" "}
          (all {all[0]?.known === "assumed" ? "assumed" : FROM.verified})
        </span>
      )}
    </>
  );
}
