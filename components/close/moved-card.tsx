import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { cx } from "@/components/ui/class-names";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { type SearchParams, withParams } from "@/components/ui/search-params";
import { Table, Td, Th } from "@/components/ui/table";
import { Tabs } from "@/components/ui/tabs";
import type { Moved, MovedCurrency } from "@/lib/moves/loaders";
import { type MoveTotal, momentFrom } from "@/lib/moves/schema";
import type { Base, MovesSpan } from "@/lib/moves/span";
import { ChangeLink } from "./change-link";
import { SinceForm } from "./since-form";

/** By how much the figures of the tie-out moved since a visit, a sign-off or a day; each change opens what made it. */
export function MovedCard({ moved, asked }: Readonly<{ moved: Moved; asked: SearchParams }>) {
  return (
    <Card id="moved" title="What moved" description="Each change opens the dated list of what made it" flush>
      <BaseTabs bases={moved.bases} asked={asked} />
      <SpanNotice span={moved} timeZone={moved.timeZone} />
      <div className={cx("grid gap-x-4", moved.currencies.length > 1 && "xl:grid-cols-2")}>
        {moved.currencies.map((one) => (
          <ChangesTable key={one.currency} moved={one} span={moved} timeZone={moved.timeZone} />
        ))}
      </div>
      <details className="px-4 py-3 text-sm">
        <summary className="cursor-pointer text-soft">
          Compare other days, or see the month as at a date
        </summary>
        <div className="pt-3">
          <SinceForm
            since={dayOf(moved.query.since)}
            at={dayOf(moved.query.at)}
            kept={{ entity: moved.entityId }}
          />
        </div>
      </details>
    </Card>
  );
}

/** The day that an address asks for; null where it asks for another kind of moment. */
export function dayOf(asked: string | undefined): string | null {
  const moment = momentFrom(asked);
  return moment && "day" in moment ? moment.day : null;
}

/** Since when: a view of the same page each. */
export function BaseTabs({ bases, asked }: Readonly<{ bases: readonly Base[]; asked: SearchParams }>) {
  return (
    <Tabs
      label="Since"
      tabs={bases.map((base) => ({
        href: withParams(asked, { since: base.key, page: null }),
        label: `Since ${base.words}`,
        current: base.current,
      }))}
    />
  );
}

/** What is compared, where that is not said by the choice itself. */
export function SpanNotice({ span, timeZone }: Readonly<{ span: MovesSpan; timeZone: string }>) {
  return (
    <>
      {span.base.since && (
        <p className="px-4 pt-3 text-soft text-sm">
          Since {span.base.words}, <Instant at={span.base.since} timeZone={timeZone} />
          {span.from && (
            <>
              : the figures of <Instant at={span.from} timeZone={timeZone} />
            </>
          )}
          .
        </p>
      )}
      {span.keptSince && (
        <div className="px-4 pt-3">
          <Message tone="neutral">
            How figures move is kept from <Instant at={span.keptSince} timeZone={timeZone} /> on; what moved
            before cannot be told, and changes are counted from then.
          </Message>
        </div>
      )}
    </>
  );
}

const shown: readonly Readonly<{ total: MoveTotal; name: string; label: string }>[] = [
  { total: { name: "scayle", key: null }, label: "SCAYLE", name: "SCAYLE’s total" },
  { total: { name: "explained", key: null }, label: "Explained", name: "the explained difference" },
  { total: { name: "unexplained", key: null }, label: "Unexplained", name: "the unexplained difference" },
  { total: { name: "erp", key: null }, label: "ERP", name: "the ERP’s total" },
];

function ChangesTable({
  moved,
  span,
  timeZone,
}: Readonly<{ moved: MovedCurrency; span: MovesSpan; timeZone: string }>) {
  const { currency } = moved;
  const rows = shown.map((one) => ({ ...one, change: moved.of(one.total) }));
  return (
    <div className="min-w-0">
      <Table caption={`What moved, in ${currency}`}>
        <thead>
          <tr>
            <Th>Gross {currency}</Th>
            <Th align="end">Before</Th>
            <Th align="end">Change</Th>
            <Th align="end">{span.to ? <Instant at={span.to.at} timeZone={timeZone} /> : "Then"}</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, name, total, change }) => (
            <tr key={label}>
              <Td>{label}</Td>
              <Td align="end">
                <Amount minor={change.before} currency={currency} />
              </Td>
              <Td align="end">
                <ChangeLink moved={moved} total={total} name={name} />
              </Td>
              <Td align="end">
                <Amount minor={change.after} currency={currency} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="px-4 pt-2 text-sm">
        {rows.every(({ change }) => change.agrees) ? (
          <Badge tone="agrees">Before + changes = after</Badge>
        ) : (
          <Badge tone="broken">The changes do not lead from before to after</Badge>
        )}
      </p>
    </div>
  );
}
