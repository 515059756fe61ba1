import { halfUp } from "@/lib/sandbox/arithmetic";
import { type Edit, type EditMaker, isAdditive, type Site } from "@/lib/sandbox/faults/edits";
import type { ErpLine } from "@/lib/sandbox/model";
import type { UntaxedLine } from "@/lib/sandbox/postings";

type Bearer = { place: number; line: ErpLine; full: bigint };

/** The document's items at their full price, those of one SKU and price as one line in the place of the first. */
function bearersOf({ document, taken }: Site): Bearer[] | null {
  const bearers = new Map<string, Bearer>();
  for (const [place, line] of document.lines.entries()) {
    if (line.kind !== "Item") continue;
    if (taken.has(place)) return null;
    const key = `${line.number}/${line.unitPrice}`;
    const before = bearers.get(key);
    const quantity = (before?.line.quantity ?? 0n) + line.quantity;
    const first = before ?? { place, line, full: 0n };
    bearers.set(key, { ...first, line: { ...first.line, quantity }, full: quantity * line.unitPrice });
  }
  return [...bearers.values()];
}

/** The discount in proportion to the full prices: each takes what is due up to and including itself. */
function spread(discount: bigint, bearers: readonly Bearer[]): bigint[] {
  const total = bearers.reduce((sum, one) => sum + one.full, 0n);
  let [full, given] = [0n, 0n];
  return bearers.map((one) => {
    full += one.full;
    const share = halfUp(discount * full, total) - given;
    given += share;
    return share;
  });
}

/** All of it on the dearest line of another SKU than the one that SCAYLE put it on. */
function onAnother(discount: bigint, bearers: readonly Bearer[], rightful: string): bigint[] | null {
  const others = bearers.filter((one) => one.line.number !== rightful && one.full > discount);
  const dearest = others.reduce<Bearer | null>(
    (best, one) => (best && best.full >= one.full ? best : one),
    null,
  );
  return dearest && bearers.map((one) => (one === dearest ? discount : 0n));
}

/** SCAYLE puts an absolute voucher on the dearest unit; the ERP spreads it over all items, or puts it on another one. */
export const anotherAllocation: EditMaker = (site) => {
  const reduced = site.document.lines.find((line) => line.kind === "Item" && line.discount > 0n);
  const bearers = bearersOf(site);
  if (!reduced || !bearers || new Set(bearers.map((one) => one.line.number)).size < 2) return null;
  const elsewhere = site.random.chance(0.5) ? onAnother(reduced.discount, bearers, reduced.number) : null;
  const shares = elsewhere ?? spread(reduced.discount, bearers);
  const changes = new Map<number, UntaxedLine | null>();
  for (const [place, line] of site.document.lines.entries())
    if (line.kind === "Item") changes.set(place, null);
  bearers.forEach(({ place, line, full }, index) => {
    const discount = shares[index] ?? 0n;
    changes.set(place, { ...line, discount, gross: full - discount });
  });
  const edit: Edit = { cause: "voucher-allocation", changes };
  return isAdditive(site.document, [edit]) ? edit : null;
};
