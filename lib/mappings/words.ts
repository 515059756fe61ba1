import { dayName, daysWords } from "@/lib/domain/day";
import { ONE_CHANNEL } from "@/lib/domain/group";
import { rateWords } from "@/lib/settings/words";
import type { MappingChange } from "./schema";

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

/** What a change says, as a sentence without its point: "ERP item OLD-7 stands for SKU-1". */
export function changeWords(change: MappingChange): string {
  switch (change.kind) {
    case "tax-code":
      return `${change.taxCode} is ${change.right ? "" : "not "}right for ${change.shipTo} at ${rateWords(change.rate)}, ${channels[change.channel] ?? `the channel ${change.channel.slice(ONE_CHANNEL.length)} alone`}${daysWords(change.validFrom, change.validUntil)}${insteadWords(change)}`;
    case "item":
      return `${itemWords({ ...change, kind: "item-gone" })} stands for ${change.sku ?? lineKinds[change.lineKind] ?? change.lineKind}${daysWords(change.validFrom, change.validUntil)}${insteadWords(change)}`;
    case "item-gone":
      return `${itemWords(change)} stands for nothing else than the SKU of its name${change.begins === undefined ? "" : ` (${rowWords(change.begins)} is taken away)`}`;
    case "second-person":
      return change.needed
        ? "A second person approves changes of mappings"
        : "One person is enough to change mappings";
    default:
      throw new Error(`no such change: ${JSON.stringify(change satisfies never)}`);
  }
}
