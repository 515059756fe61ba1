import type { ReactNode } from "react";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DayText, Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { EntityName } from "@/lib/auth/data";
import { monthName } from "@/lib/domain/day";
import type { RoundingView } from "@/lib/rounding/loaders";
import { PolicyForm } from "./policy-form";

type Connection = RoundingView["connections"][number];

const count = (value: number): string => value.toLocaleString("en");

/** One connection: how it rounds, what its documents say of that, the documents that say otherwise, and who may change it. */
export function ConnectionCard({
  connection,
  entity,
  mayConfirm,
}: Readonly<{ connection: Connection; entity: EntityName; mayConfirm: boolean }>) {
  const { side, name, policyWords, share, rival, evidenceAt, unknown, untaxed } = connection;
  return (
    <Card
      title={
        side === "scayle" && name === "SCAYLE" ? name : `${side === "scayle" ? "SCAYLE" : "ERP"}: ${name}`
      }
      description={
        evidenceAt ? (
          <>
            Held against every posted document as of <Instant at={evidenceAt} timeZone={entity.timeZone} />
          </>
        ) : (
          "Its documents were not looked at yet"
        )
      }
      actions={<State connection={connection} />}
    >
      <div className="flex flex-col gap-4">
        <dl className="grid gap-x-6 gap-y-3 text-sm md:grid-cols-2">
          <Fact term="It rounds">{policyWords}</Fact>
          <Fact term="Documents it reproduces">{share}</Fact>
          <Fact term="Runner-up">{rival}</Fact>
          <Fact term="Documents that say nothing">
            {count(unknown)} with an unknown tax or rate, {count(untaxed)} without tax
          </Fact>
        </dl>
        {mayConfirm ? (
          <PolicyForm entityId={entity.id} connection={connection} />
        ) : (
          <p className="text-sm text-soft">
            Confirmed or changed by a finance reviewer or an administrator, here or under “Try a change”.
          </p>
        )}
        <Examples connection={connection} />
      </div>
    </Card>
  );
}

function Fact({ term, children }: Readonly<{ term: string; children: ReactNode }>) {
  return (
    <div className="min-w-0">
      <dt className="text-soft text-xs">{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function State({ connection }: Readonly<{ connection: Connection }>) {
  if (!connection.hasPolicy) return <Badge tone="attention">Not known, proves nothing</Badge>;
  if (connection.confirmedOn === null) return <Badge tone="attention">Proposed, proves nothing yet</Badge>;
  return (
    <Badge tone="agrees">
      Confirmed <DayText day={connection.confirmedOn} />
      {connection.confirmedBy && ` by ${connection.confirmedBy}`}
    </Badge>
  );
}

function Examples({ connection }: Readonly<{ connection: Connection }>) {
  const { examples, missed, name } = connection;
  if (examples.length === 0) return null;
  const caption =
    missed > examples.length
      ? `The first ${examples.length} of ${count(missed)} documents that it does not reproduce`
      : `The ${missed === 1 ? "document" : `${count(missed)} documents`} that it does not reproduce`;
  return (
    <div className="overflow-hidden rounded-md border border-line">
      <Table caption={`${caption} (${name})`} showCaption>
        <thead>
          <tr>
            <Th>Document</Th>
            <Th>Order</Th>
            <Th align="end">Tax stated</Th>
            <Th align="end">Tax recomputed</Th>
          </tr>
        </thead>
        <tbody>
          {examples.map((one) => (
            <tr key={`${one.number} ${one.reference}`}>
              <Td>{one.number}</Td>
              <Td>{one.reference ?? "–"}</Td>
              <Td align="end">
                <Amount minor={one.stated} currency={one.currency} withCurrency />
              </Td>
              <Td align="end">
                <Amount minor={one.recomputed} currency={one.currency} withCurrency />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** Which of SCAYLE's calculators made the stated taxes of its orders, per shop. */
export function HeadersCard({ headers }: Readonly<{ headers: RoundingView["headers"] }>) {
  return (
    <Card
      title="SCAYLE’s calculators"
      description="Which of them reproduces the tax that an order states, from its own items: price calculator v1 rounds per product line, the legacy one once per order"
      flush
    >
      <Table caption="Orders by SCAYLE’s calculator and shop">
        <thead>
          <tr>
            <Th>Shop</Th>
            <Th align="end">Only v1</Th>
            <Th align="end">Only legacy</Th>
            <Th align="end">Both</Th>
            <Th align="end">Neither</Th>
            <Th align="end">Not comparable</Th>
          </tr>
        </thead>
        <tbody>
          {headers.map((row) => (
            <tr key={row.id}>
              <Td className="whitespace-nowrap">{row.shop || "–"}</Td>
              <Td align="end">{count(row.v1)}</Td>
              <Td align="end">{count(row.legacy)}</Td>
              <Td align="end">{count(row.both)}</Td>
              <Td align="end">{count(row.neither)}</Td>
              <Td align="end">{count(row.notComparable)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="px-4 py-2 text-soft text-xs">
        Not comparable: no total or no rate is stated, or items came back, so that they no longer add up to
        the total.
      </p>
    </Card>
  );
}

/** The cents that rounding made in a month, and the policies that made them. */
export function MadeCard({ month }: Readonly<{ month: NonNullable<RoundingView["month"]> }>) {
  return (
    <Card
      title={`Rounding in ${monthName(month.month)}`}
      description="Proved cents, by the policies that made them; amounts are SCAYLE − ERP"
      flush
    >
      {month.made.length === 0 ? (
        <p className="p-4 text-sm text-soft">No difference of this month was proved to be rounding.</p>
      ) : (
        <Table caption={`Rounding cents of ${monthName(month.month)}`}>
          <thead>
            <tr>
              <Th>Shop</Th>
              <Th>SCAYLE rounds</Th>
              <Th>The ERP rounds</Th>
              <Th align="end">Differences</Th>
              <Th align="end">Net</Th>
              <Th align="end">Tax</Th>
              <Th>Currency</Th>
            </tr>
          </thead>
          <tbody>
            {month.made.map((row) => (
              <tr key={row.id}>
                <Td className="whitespace-nowrap">{row.shop || "–"}</Td>
                <Td className="min-w-44">{row.madeBy.scayle}</Td>
                <Td className="min-w-44">{row.madeBy.erp}</Td>
                <Td align="end">{count(row.count)}</Td>
                <Td align="end">
                  <Amount minor={row.net} currency={row.currency} signed />
                </Td>
                <Td align="end">
                  <Amount minor={row.tax} currency={row.currency} signed />
                </Td>
                <Td>{row.currency}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}

/** Which setting would end the residue of a shop: its documents recomputed under each. */
export function ResidueCard({
  month,
  residue,
}: Readonly<{ month: string; residue: NonNullable<RoundingView["month"]>["residues"][number] }>) {
  const { shop, currency, compared, aside, today, settings, end } = residue;
  const rows = [{ id: "today", words: "As both systems are set today", left: today }, ...settings];
  const title = `What would end it: ${shop || "no shop"}`;
  return (
    <Card
      title={title}
      description={`${count(compared)} sales and credits of ${monthName(month)} with nothing but rounding between both sides, recomputed under each setting; ${count(aside)} left aside. Settings of both systems together are tried too, and shown where they leave less than any single one`}
      flush
    >
      <p className="border-line border-b px-4 py-2 font-medium text-sm">{end}</p>
      <Table caption={title}>
        <thead>
          <tr>
            <Th>Setting</Th>
            <Th align="end">Documents that would differ</Th>
            <Th align="end">Cents left, without signs</Th>
            <Th align="end">Net of signs</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <Td className="min-w-56">{row.words}</Td>
              <Td align="end">{count(row.left.documents)}</Td>
              <Td align="end">
                <Amount minor={row.left.cents} currency={currency} withCurrency />
              </Td>
              <Td align="end">
                <Amount minor={row.left.sum} currency={currency} signed withCurrency />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
