"use client";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Table, Td, Th } from "@/components/ui/table";
import type { InForce } from "@/lib/settings/change/data";
import type { Draft, SettingsChange } from "@/lib/settings/change/schema";
import { channels, lineKinds, percent } from "./words";

/** What is in force of one kind; each row can be taken into the form. `onPick` is null for those who only read. */
export function InForceCard({
  kind,
  inForce,
  onPick,
}: Readonly<{
  kind: SettingsChange["kind"];
  inForce: InForce;
  onPick: ((draft: Draft) => void) | null;
}>) {
  if (kind === "tax-code") return <TaxCodes inForce={inForce} onPick={onPick} />;
  if (kind === "item") return <Items inForce={inForce} onPick={onPick} />;
  return null;
}

type Props = Readonly<{ inForce: InForce; onPick: ((draft: Draft) => void) | null }>;

function TaxCodes({ inForce: { taxCodes }, onPick }: Props) {
  return (
    <Card title="In force now" flush>
      {taxCodes.length === 0 ? (
        <p className="p-4 text-sm text-soft">
          No tax code is known: the first reconciliation proposes them from the ERP’s posted lines.
        </p>
      ) : (
        <Table caption="Tax codes in force">
          <thead>
            <tr>
              <Th>Ships to</Th>
              <Th>Channel</Th>
              <Th align="end">Rate</Th>
              <Th>Tax code</Th>
              <Th>State</Th>
              {onPick && <Th>Change</Th>}
            </tr>
          </thead>
          <tbody>
            {taxCodes.map((row) => (
              <tr key={`${row.shipTo} ${row.channel} ${row.rate} ${row.taxCode}`}>
                <Td>{row.shipTo}</Td>
                <Td>{channels[row.channel] ?? row.channel}</Td>
                <Td align="end">{percent(row.rate)}</Td>
                <Td>{row.taxCode}</Td>
                <Td>
                  <Rightness right={row.right} />
                </Td>
                {onPick && (
                  <Td>
                    <Button
                      variant="quiet"
                      aria-label={`${row.right ? "No longer right" : "Make it right"}: ${row.taxCode} for ${row.shipTo} at ${percent(row.rate)}`}
                      onClick={() =>
                        onPick({
                          shipTo: row.shipTo,
                          channel: row.channel,
                          rate: row.rate,
                          taxCode: row.taxCode,
                          right: row.right ? "no" : "yes",
                          validFrom: row.validFrom ?? "",
                          validUntil: row.validUntil ?? "",
                        })
                      }
                    >
                      {row.right ? "No longer right" : "Make it right"}
                    </Button>
                  </Td>
                )}
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}

function Rightness({ right }: Readonly<{ right: boolean | null }>) {
  if (right === null) return <Badge tone="attention">Proposed, not used</Badge>;
  return right ? <Badge tone="agrees">Right</Badge> : <Badge>Not right</Badge>;
}

function Items({ inForce: { items, itemCount }, onPick }: Props) {
  return (
    <Card
      title="In force now"
      description={
        itemCount > items.length
          ? `The first ${items.length} of ${itemCount.toLocaleString("en")}; others can be typed in`
          : "Each other ERP item number is taken as the SKU"
      }
      flush
    >
      {items.length === 0 ? (
        <p className="p-4 text-sm text-soft">No mapping: each ERP item number is taken as the SKU.</p>
      ) : (
        <Table caption="Item mappings in force">
          <thead>
            <tr>
              <Th>ERP</Th>
              <Th>Number</Th>
              <Th>Variant</Th>
              <Th>Stands for</Th>
              {onPick && <Th>Change</Th>}
            </tr>
          </thead>
          <tbody>
            {items.map((row) => (
              <tr key={`${row.erpKind} ${row.erpItem} ${row.erpVariant}`}>
                <Td>{row.erpKind === "account" ? "G/L account" : "Item"}</Td>
                <Td>{row.erpItem}</Td>
                <Td>{row.erpVariant || "–"}</Td>
                <Td>{row.sku ?? lineKinds[row.lineKind] ?? row.lineKind}</Td>
                {onPick && (
                  <Td>
                    <Button
                      variant="quiet"
                      aria-label={`Change what ${row.erpItem} ${row.erpVariant} stands for`}
                      onClick={() =>
                        onPick({
                          erpKind: row.erpKind,
                          erpItem: row.erpItem,
                          erpVariant: row.erpVariant,
                          lineKind: row.lineKind,
                          sku: row.sku ?? "",
                        })
                      }
                    >
                      Change
                    </Button>
                  </Td>
                )}
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
