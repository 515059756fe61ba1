import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import type { OrderHit } from "@/lib/orders/search";
import { ResyncRow } from "./resync-row";
import { wordsOf } from "./words";

const NAMES: Readonly<Record<OrderHit["by"], string>> = {
  order: "its number",
  document: "ERP document",
  reference: "the reference that an ERP document states:",
  tracking: "the tracking number",
  invoice: "the invoice or credit note",
  email: "the e-mail address",
  phone: "the telephone number",
  name: "the customer’s name",
};

/** By what it was found, where that is not what the row shows anyway. */
function foundBy({ by, closeness, stated }: OrderHit): string | null {
  if (by === "order" && closeness !== "alike") return null;
  const what = `${NAMES[by]}${stated ? ` ${stated}` : ""}`;
  return closeness === "alike" ? `similar: ${what}` : `found by ${what}`;
}

/** What a search found; each row leads to the order. */
export function HitsList({
  hits,
  choosable = [],
  resyncable = [],
}: Readonly<{
  hits: readonly (OrderHit & Readonly<{ timeZone: string }>)[];
  /** entities whose orders can be chosen, by checkboxes named `chosen` */
  choosable?: readonly string[];
  /** entities whose orders can be read again one by one */
  resyncable?: readonly string[];
}>) {
  // Orders of several entities may go by the same number: each then says whose it is.
  const isMixed = new Set(hits.map(({ entityId }) => entityId)).size > 1;
  return (
    <ul aria-label="Orders found" className="flex flex-col">
      {hits.map((hit) => (
        <li
          key={hit.orderKey}
          className="relative flex gap-3 border-line border-b px-4 py-3 last:border-b-0 hover:bg-hover"
        >
          {choosable.includes(hit.entityId) && (
            <input
              type="checkbox"
              name="chosen"
              value={hit.orderKey}
              aria-label={`Select ${hit.reference ?? hit.document ?? "this order"}`}
              className="z-10 mt-1 size-4 shrink-0 accent-accent"
            />
          )}
          <div className="min-w-0 flex-1">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
              <Link
                href={`/orders/${hit.orderKey}` as Route}
                className="font-semibold underline decoration-line-strong underline-offset-4 after:absolute after:inset-0"
              >
                {hit.reference ?? `ERP document ${hit.document ?? ""}`}
              </Link>
              {hit.openExceptions > 0 ? (
                <Badge tone="attention">
                  {hit.openExceptions === 1 ? "1 open exception" : `${hit.openExceptions} open exceptions`}
                </Badge>
              ) : (
                <Badge tone="agrees">Nothing open</Badge>
              )}
            </div>
            <p className="text-sm text-soft">
              {[
                hit.reference === null && "no SCAYLE order known",
                hit.reference !== null && hit.document && `ERP document ${hit.document}`,
                hit.customer,
                hit.shop,
                isMixed && hit.entityId,
                wordsOf(hit.status),
                wordsOf(hit.shippingStatus),
              ]
                .filter(Boolean)
                .join(" · ")}
              {foundBy(hit) && <span className="font-medium text-ink"> · {foundBy(hit)}</span>}
              {hit.placedAt && (
                <>
                  {" · placed "}
                  <Instant at={hit.placedAt} timeZone={hit.timeZone} className="z-10" />
                </>
              )}
            </p>
          </div>
          {resyncable.includes(hit.entityId) && (
            <div className="z-10">
              <ResyncRow
                name={hit.reference ?? `document ${hit.document ?? ""}`}
                target={{ entityId: hit.entityId, orderKey: hit.orderKey }}
              />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
