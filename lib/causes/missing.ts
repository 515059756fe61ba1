import type { DocumentKind } from "@/lib/domain/document";
import type { GroupLine } from "@/lib/domain/group";
import {
  compareText,
  count,
  covers,
  excess,
  isYoung,
  linesOf,
  type Missing,
  memoOf,
  units,
  type Work,
} from "./work";

const NOTHING: Missing = { late: [], young: [], whole: false };

/**
 * What SCAYLE sold or credited and the ERP has not: everything where it has no document at all, else whole parcels,
 * else items of which it has not one unit. Where the ERP has items that SCAYLE doesn't know of, a line may stand under
 * another item: nothing is called missing then.
 */
export function missingInErp(work: Work, kind: DocumentKind): Missing {
  // Three causes ask the same of one state of the lines.
  const memo = memoOf(work);
  memo.missing[kind] ??= searched(work, kind);
  return memo.missing[kind];
}

function searched(work: Work, kind: DocumentKind): Missing {
  const scayle = linesOf(work, "scayle", kind);
  const erp = linesOf(work, "erp", kind);
  if (scayle.length === 0) return NOTHING;
  if (erp.length === 0) return split(work, scayle, true);
  if (erp.some((line) => line.granularity === "document" || line.currency !== scayle[0]?.currency))
    return NOTHING;
  const beyond = excess(work, kind);
  let isShort = false;
  for (const surplus of beyond.values()) {
    if (surplus > 0) return NOTHING;
    if (surplus < 0) isShort = true;
  }
  if (!isShort) return NOTHING;
  const short = new Map([...beyond].map(([key, surplus]) => [key, -surplus]));
  return split(work, [...parcelsMissing(scayle, short), ...itemsMissing(scayle, erp, short)], false);
}

/** Whole parcels of which the ERP lacks every unit, newest first; takes them off `short`. */
function parcelsMissing(scayle: readonly GroupLine[], short: Map<string, number>): readonly GroupLine[] {
  const items = scayle.filter((line) => line.kind === "item");
  const parcels = [...new Set(items.map((line) => line.shipment))];
  if (parcels.length < 2) return [];
  const inParcel = (parcel: string | null) => items.filter((line) => line.shipment === parcel);
  return parcels
    .sort((a, b) => compareText(newest(inParcel(b)), newest(inParcel(a))))
    .flatMap((parcel) => {
      const wanted = units(inParcel(parcel));
      if (!covers(short, wanted)) return [];
      for (const [key, quantity] of wanted) short.set(key, count(short, key) - quantity);
      return inParcel(parcel);
    });
}

const newest = (lines: readonly GroupLine[]): string =>
  lines
    .map((line) => line.day)
    .sort()
    .at(-1) ?? "";

function itemsMissing(
  scayle: readonly GroupLine[],
  erp: readonly GroupLine[],
  short: ReadonlyMap<string, number>,
): readonly GroupLine[] {
  const present = units(erp);
  return scayle.filter(
    (line) => line.kind === "item" && !present.has(line.itemKey) && count(short, line.itemKey) > 0,
  );
}

function split(work: Work, lines: readonly GroupLine[], whole: boolean): Missing {
  // What goes with the goods (fees, the header) is as young as the youngest of them.
  const youngest = lines.some((line) => line.kind === "item" && isYoung(work.group, line.at));
  const isOnItsWay = (line: GroupLine) => (line.kind === "item" ? isYoung(work.group, line.at) : youngest);
  const seen = new Set<string>();
  const once = lines.filter((line) => !seen.has(line.id) && seen.add(line.id));
  return { young: once.filter(isOnItsWay), late: once.filter((line) => !isOnItsWay(line)), whole };
}
