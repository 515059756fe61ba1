import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import { MappingFrame } from "./mapping-frame";
import { OrderLink } from "./order-link";
import { mappingsPath } from "./paths";
import { EditLink, LastHeadings, RowLinks, SetCells, type TableOf } from "./row-cells";
import { PaymentForm } from "./row-form";
import { TakeAway } from "./take-away";

const CODES_SHOWN = 3;

/** What the ERP has for ways of paying, with what its posted documents bear. */
export function Payments({ view, shown, search }: TableOf<"payments">) {
  const entity = view.entity.id;
  const { choices, shops } = shown;
  return (
    <MappingFrame
      view={view}
      shown={shown}
      search={search}
      title="Payment methods"
      description="The ERP’s code for each of SCAYLE’s payment keys"
      searchLabel="Search by payment key, code, shop or person"
      add={mappingsPath({ entity, tab: shown.tab, edit: "new" })}
      form={(row) => (
        <PaymentForm
          entityId={entity}
          connections={view.connections}
          shops={shops}
          keys={choices.keys}
          codes={choices.codes}
          row={row}
        />
      )}
      draftOf={({ connection, shopId, paymentKey, erpCode }) => ({ connection, shopId, paymentKey, erpCode })}
      note={
        <p className="max-w-prose text-sm text-soft">
          What is posted from here bears the code: in Business Central, as the payment terms of the invoice or
          credit memo. It moves no figure: gift cards are known from SCAYLE itself, and payments and payouts
          are not reconciled. An order that was paid in several ways beside a gift card is posted without a
          code.{" "}
          {choices.countedAt ? (
            <>
              What posted documents bear was counted{" "}
              <Instant at={choices.countedAt} timeZone={view.entity.timeZone} />, on all posting days: of a
              row that holds on some days alone nothing is counted.
            </>
          ) : (
            "No posted document that was read bears such a code yet: nothing is compared or proposed."
          )}
        </p>
      }
    >
      <Table caption="Payment methods">
        <thead>
          <tr>
            {view.connections.length > 1 && <Th>ERP</Th>}
            <Th>Payment key</Th>
            <Th>Shop</Th>
            <Th>ERP code</Th>
            <Th align="end">Posted with it</Th>
            <Th align="end">Posted otherwise</Th>
            <LastHeadings />
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => {
            const { what } = row;
            // What is counted is of all days: it says nothing of a row that holds on some.
            const isDated = row.validFrom !== null || row.validUntil !== null;
            const otherCodes = isDated ? [] : row.otherCodes;
            const examples = isDated ? [] : [...new Set(row.examples)];
            return (
              <tr key={row.id}>
                {view.connections.length > 1 && <Td>{row.connection}</Td>}
                <Td>{row.paymentKey}</Td>
                <Td>{row.shop}</Td>
                <Td>{row.erpCode}</Td>
                <Td align="end">{isDated ? "–" : (row.agreeing ?? 0).toLocaleString("en")}</Td>
                <Td align="end">
                  {isDated ? "–" : (row.others ?? 0).toLocaleString("en")}
                  {otherCodes.slice(0, CODES_SHOWN).map(({ code, documents }) => (
                    <span key={code} className="block whitespace-nowrap text-soft text-xs">
                      {code === "" ? "without a code" : code}: {documents.toLocaleString("en")}
                    </span>
                  ))}
                  {otherCodes.length > CODES_SHOWN && (
                    <span className="block text-soft text-xs">
                      and {otherCodes.length - CODES_SHOWN} more codes
                    </span>
                  )}
                  {examples.map((order) => (
                    <span key={order} className="block whitespace-nowrap text-xs">
                      <OrderLink order={order} />
                    </span>
                  ))}
                </Td>
                <SetCells row={row} timeZone={view.entity.timeZone} />
                <Td align="end">
                  <RowLinks of={{ view, shown, search }} id={row.id} what={what}>
                    <EditLink of={{ view, shown, search }} id={row.id} what={what} />
                    <TakeAway
                      entityId={entity}
                      what={what}
                      change={{
                        kind: "payment-gone",
                        connectionId: row.connectionId,
                        shopId: row.shopId,
                        paymentKey: row.paymentKey,
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
