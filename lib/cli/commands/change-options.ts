import { InvalidArgumentError } from "commander";
import { Decimal } from "decimal.js";
import { readDraft, type SettingsChange } from "@/lib/settings/change/schema";

/** A change as it was typed: whole, or of how a connection rounds, whose name is looked up in the entity. */
export type TypedChange =
  | Exclude<SettingsChange, { kind: "rounding" }>
  | Readonly<{ kind: "rounding"; connection: string; draft: Readonly<Record<string, string>> }>;

const CHANNELS = ["*", "shop", "marketplace", "in_store"];

/** "DE * 0.19 VAT19": country, channel, rate, and a code that is right there, or no longer. */
export const taxCode =
  (right: boolean) =>
  (text: string): TypedChange => {
    const [shipTo = "", channel = "", rate = "", ...codes] = text.trim().split(/\s+/);
    const code = codes.join(" ");
    if (code === "" || !CHANNELS.includes(channel)) {
      throw new InvalidArgumentError(
        `It is a country, a channel (${CHANNELS.join(", ")}), a rate and a code, like "DE * 0.19 VAT19".`,
      );
    }
    return read("tax-code", {
      shipTo,
      channel,
      rate: fraction(rate),
      taxCode: code,
      right: right ? "yes" : "no",
    });
  };

/** "Business Central=document/half-up/gross/tax": a connection, and how it rounds. */
export function rounding(text: string): TypedChange {
  const at = text.lastIndexOf("=");
  const connection = text.slice(0, Math.max(at, 0)).trim();
  const [level = "", mode = "", basis = "", first = "", ...more] = text.slice(at + 1).split("/");
  const draft = { level, mode, basis, first };
  // The connection's id is not known yet: the rest is held against the form of one.
  const { faults } = readDraft("rounding", { ...draft, connectionId: NO_CONNECTION });
  if (connection === "" || more.length > 0 || faults) {
    throw new InvalidArgumentError(
      'It is CONNECTION=LEVEL/MODE/BASIS/FIRST, like "Business Central=document/half-up/gross/tax": unit, line, document or order; half-up or half-even; gross or net prices; tax or net rounded first.',
    );
  }
  return { kind: "rounding", connection, draft };
}

const NO_CONNECTION = "00000000-0000-4000-8000-000000000000";

/** "NONE,FREE": codes that mean "no code"; empty for none but the empty one. */
export const noneCodes = (text: string): TypedChange => read("none-tax-codes", { taxCodes: text });

/** "48": hours. */
export const postingLag = (text: string): TypedChange => read("posting-lag", { hours: text });

/** "1896-S/BLUE=SKU-1": an ERP item, perhaps with a variant, and the SKU it stands for. */
export function item(text: string): TypedChange {
  const { left, right } = sides(text, "It is ITEM=SKU or ITEM/VARIANT=SKU, like 1896-S/BLUE=SKU-1.");
  const slash = left.indexOf("/");
  return read("item", {
    erpKind: "item",
    erpItem: slash < 0 ? left : left.slice(0, slash),
    erpVariant: slash < 0 ? "" : left.slice(slash + 1),
    lineKind: "item",
    sku: right,
  });
}

const CHARGES = ["shipping", "fee", "gift_card", "rounding"];

/** "8400=shipping": a G/L account, and the charge it stands for. */
export function account(text: string): TypedChange {
  const words = `It is ACCOUNT=CHARGE, like 8400=shipping; a charge is ${CHARGES.join(", ")}.`;
  const { left, right } = sides(text, words);
  const lineKind = right.replace(/[\s-]+/g, "_");
  if (!CHARGES.includes(lineKind)) throw new InvalidArgumentError(words);
  return read("item", { erpKind: "account", erpItem: left, erpVariant: "", lineKind });
}

function sides(text: string, words: string): Readonly<{ left: string; right: string }> {
  const at = text.indexOf("=");
  const [left, right] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  if (left === "" || right === "") throw new InvalidArgumentError(words);
  return { left, right };
}

/** "19%" and "0.190" are 0.19; what is no number is left to be refused. */
function fraction(text: string): string {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (share !== undefined) return new Decimal(share).div(100).toFixed();
  return /^\d+(\.\d+)?$/.test(text) ? new Decimal(text).toFixed() : text;
}

function read(
  kind: Exclude<SettingsChange["kind"], "rounding">,
  draft: Readonly<Record<string, string>>,
): TypedChange {
  const { change, faults } = readDraft(kind, draft);
  if (change && change.kind !== "rounding") return change;
  throw new InvalidArgumentError(Object.values(faults ?? {}).join(" "));
}
