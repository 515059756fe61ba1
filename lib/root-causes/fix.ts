import { attributeOf, type SignatureName } from "@/lib/causes/signature";
import { isStanding } from "@/lib/matching/standing-causes";
import { writtenFor } from "@/lib/resolutions/registry";
import type { Draft, SettingsChange } from "@/lib/settings/change/schema";
import { SUPPORT_MIN } from "./contrast";
import type { Findings } from "./findings";

/** The one fix of a root cause. */
export type Fix = Readonly<{
  /** one thing puts all of it right; else they are put right one by one */
  isOne: boolean;
  /** what to do, in a sentence */
  sentence: string;
  /** whether its effect can be computed: every order is matched with the ERP's lines as they would stand */
  computable: boolean;
  /** why not, where it can't */
  whyNot: string | null;
  /** the change of a setting that can be tried in its place, as the form of "Try a change" holds it */
  change: Readonly<{ kind: SettingsChange["kind"]; draft: Draft; label: string }> | null;
}>;

/** Causes that are put right by lines of the ERP standing otherwise: their fix can be computed where nothing can be sent, too. */
const OF_LINES: ReadonlySet<string> = new Set([
  "tax-code-missing",
  "tax-code-wrong",
  "item-wrong",
  "price-wrong",
  "quantity-wrong",
  "refund-amount-wrong",
  "shipping-tax-basis",
  "voucher-allocation",
  "duplicate-in-erp",
  "cancelled-but-invoiced",
  "sale-missing-in-scayle",
  "currency-wrong",
  "sale-missing-in-erp",
  "credit-missing-in-erp",
]);

/** Causes whose fix is a setting, or a posting, for all of a place: where most of the place is fine it can't be what is wrong. */
const OF_A_PLACE: ReadonlySet<string> = new Set([
  "tax-code-missing",
  "shipping-missing",
  "sale-missing-in-erp",
  "credit-missing-in-erp",
]);

const ONE_BY_ONE =
  "There is no one fix that the figures prove: most others with the same attributes are fine, so it is no setting for all of them. Look at them one by one; each says what puts it right.";

/**
 * Whether most groups with what tells the affected apart are not affected, on its days and since it began where a beginning is told.
 * Of fewer than five affected nothing is claimed, nor before they were counted.
 */
export function isMostlyFine(findings: Pick<Findings, "contrast" | "onset"> | null): boolean {
  if (findings === null || findings.contrast.all.affected < SUPPORT_MIN) return false;
  const { affected, others } = findings.onset?.since ?? findings.contrast.within;
  return others > affected;
}

/** Whether a cause is put right by the ERP's lines alone. */
export const isOfLines = (cause: string): boolean => OF_LINES.has(cause);

const WHY_NOT =
  "Its effect can't be computed ahead: what would be posted or sent is not in Tieout's data. Once it is done and read, the exceptions clear by themselves.";

/** What stands beside the books is found by no matching of orders: an effect that is computed by it would be wrong. */
const WHY_NOT_BESIDE =
  "What this does is not computed by matching orders: it stands beside the books. What each push is expected to change in SCAYLE, and which exceptions it is expected to close, stands with it before it is sent; what is read back decides.";

/**
 * The one fix of a root cause, by its cause and signature. `resolution` is the cause's own, in words, for those that need no
 * more. `mostlyFine`: most of what has the same attributes is not affected (`isMostlyFine`), so that no setting for all of them is
 * what is wrong. Only what the figures prove is computed; of everything else it is said that it can't be.
 */
export function fixOf(cause: string, signature: string, resolution: string, mostlyFine = false): Fix {
  const of = (name: SignatureName) => attributeOf(signature, name);
  const isOne = !(mostlyFine && OF_A_PLACE.has(cause));
  const isBeside = isStanding(cause);
  const computable = !isBeside && (OF_LINES.has(cause) || writtenFor(cause) !== null);
  return {
    isOne,
    sentence: isOne ? (sentenceOf(cause, of) ?? resolution) : ONE_BY_ONE,
    computable,
    whyNot: computable ? null : isBeside && writtenFor(cause) !== null ? WHY_NOT_BESIDE : WHY_NOT,
    change: changeOf(cause, of),
  };
}

type Of = (name: SignatureName) => string | null;

const place = (of: Of): string =>
  [
    of("channel") && `channel ${of("channel")}`,
    of("shop") && `shop ${of("shop")}`,
    of("ship-to") && `ship-to ${of("ship-to")}`,
  ]
    .filter(Boolean)
    .join(", ");

function sentenceOf(cause: string, of: Of): string | null {
  switch (cause) {
    case "tax-code-missing":
      return `Set the tax codes for ${place(of)} in the ERP, and post the documents again.`;
    case "tax-code-wrong":
      return `In the ERP, ${of("ship-to") ?? "this place"} needs tax code ${of("expected code") ?? "of the mapping"} where ${of("posted code") ?? "another"} is set; post the documents again.`;
    case "item-wrong":
      return `Correct the number in the ERP: ${of("item")} is posted as ${of("posted as")}.`;
    case "price-wrong":
      return `Set SCAYLE's price of item ${of("item")} in the ERP, and correct what was posted.`;
    case "sale-missing-in-erp":
      return `Let the ERP post the sales of ${place(of)} again, and find out why it stopped.`;
    case "credit-missing-in-erp":
      return `Let the ERP post the credit memos of ${place(of)} again, and find out why it stopped.`;
    case "shipping-missing":
      return of("missing in") === "the ERP"
        ? `Give ${of("charge")} of ${place(of)} an account in the ERP, and post what is missing.`
        : null;
    default:
      return null;
  }
}

/** A setting of ours may be what is wrong: the item that the ERP posts stands for the product, after all. */
function changeOf(cause: string, of: Of): Fix["change"] {
  const [item, posted] = [of("item"), of("posted as")];
  if (cause !== "item-wrong" || item === null || posted === null) return null;
  return {
    kind: "item",
    draft: { erpKind: "item", erpItem: posted, erpVariant: "", lineKind: "item", sku: item },
    label: `Or try it as a mapping: ${posted} stands for ${item}`,
  };
}
