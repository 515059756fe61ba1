import { dayName, daysWords } from "@/lib/domain/day";
import { ONE_CHANNEL } from "@/lib/domain/group";
import { rateWords } from "@/lib/settings/words";
import type { MappingChange, ReferencePart } from "./schema";

const channels: Readonly<Record<string, string>> = {
  "*": "any channel",
  shop: "the shop",
  marketplace: "marketplaces",
  in_store: "stores",
};

/** What an item or account stands for beside a product. */
const lineKinds: Readonly<Record<string, string>> = {
  shipping: "shipping",
  fee: "a fee",
  gift_card: "a gift card",
  rounding: "a rounding difference",
};

/** A shop of the mapping of payments as people call it. */
export const shopWords = (shopId: string): string => (shopId === "*" ? "any shop" : `shop ${shopId}`);

const itemWords = ({ erpKind, erpItem, erpVariant }: Extract<MappingChange, { kind: "item-gone" }>): string =>
  `ERP ${erpKind} ${erpItem}${erpVariant === "" ? "" : `, variant ${erpVariant}`}`;

const rowWords = (begins: string): string =>
  begins === "beginning" ? "the row without a first day" : `the row that begins on ${dayName(begins)}`;

/** That a statement takes the place of a row with another first day. */
const insteadWords = ({
  validFrom,
  replaces,
}: Pick<Extract<MappingChange, { kind: "item" }>, "validFrom" | "replaces">): string =>
  replaces === undefined || replaces === (validFrom ?? "beginning")
    ? ""
    : ` (in place of ${rowWords(replaces)})`;

/** What of references a row is about, as a sentence begins: "“WEB-” at the beginning". */
export function referenceWords(part: ReferencePart, text: string): string {
  switch (part) {
    case "beginning":
      return `“${text}” at the beginning of references`;
    case "ending":
      return `“${text}” at the end of references`;
    case "separators":
      return `The sign${text.length > 1 ? "s" : ""} “${text}” within references`;
    case "zeros":
      return "Zeros in front of references";
    default:
      return `The ERP’s reference ${text}`;
  }
}

const leavesOut = (part: ReferencePart, text: string): string =>
  part === "zeros" || (part === "separators" && text.length > 1) ? "are left out" : "is left out";

/** Names of connections by their id, where several are known to choose between. */
export type ConnectionNames = ReadonlyMap<string, string>;

/** What a change says, as a sentence without its point: "ERP item OLD-7 stands for SKU-1". */
export function changeWords(change: MappingChange, names: ConnectionNames = new Map()): string {
  const of = (connectionId: string): string => {
    const name = names.get(connectionId);
    return name === undefined ? "" : `, ${name}`;
  };
  switch (change.kind) {
    case "tax-code":
      return `${change.taxCode} is ${change.right ? "" : "not "}right for ${change.shipTo} at ${rateWords(change.rate)}, ${channels[change.channel] ?? `the channel ${change.channel.slice(ONE_CHANNEL.length)} alone`}${daysWords(change.validFrom, change.validUntil)}${insteadWords(change)}`;
    case "item":
      return `${itemWords({ ...change, kind: "item-gone" })} stands for ${change.sku ?? lineKinds[change.lineKind] ?? change.lineKind}${daysWords(change.validFrom, change.validUntil)}${insteadWords(change)}`;
    case "item-gone":
      return `${itemWords(change)} stands for nothing else than the SKU of its name${change.begins === undefined ? "" : ` (${rowWords(change.begins)} is taken away)`}`;
    case "reference": {
      const { connectionId, part, text, order, validFrom, validUntil } = change;
      const says = order === null ? leavesOut(part, text) : `is order ${order}`;
      return `${referenceWords(part, text)} ${says}${of(connectionId)}${daysWords(validFrom, validUntil)}${insteadWords(change)}`;
    }
    case "reference-gone": {
      const { connectionId, part, text, begins } = change;
      const isMany = leavesOut(part, text).startsWith("are");
      const says =
        part === "name"
          ? "is no order’s by itself"
          : `${isMany ? "are" : "is"} read as ${isMany ? "they stand" : "it stands"}`;
      return `${referenceWords(part, text)} ${says}${of(connectionId)}${begins === undefined ? "" : ` (${rowWords(begins)} is taken away)`}`;
    }
    case "payment": {
      const { connectionId, shopId, paymentKey, erpCode, validFrom, validUntil } = change;
      return `Payment by ${paymentKey}, ${shopWords(shopId)}, is ${erpCode} in the ERP${of(connectionId)}${daysWords(validFrom, validUntil)}${insteadWords(change)}`;
    }
    case "payment-gone": {
      const { connectionId, shopId, paymentKey, begins } = change;
      return `Payment by ${paymentKey}, ${shopWords(shopId)}, has no code of the ERP${of(connectionId)}${begins === undefined ? "" : ` (${rowWords(begins)} is taken away)`}`;
    }
    case "second-person":
      return change.needed
        ? "A second person approves changes of mappings"
        : "One person is enough to change mappings";
    default:
      throw new Error(`no such change: ${JSON.stringify(change satisfies never)}`);
  }
}
