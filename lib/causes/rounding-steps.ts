import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { formatAmount, formatPlain, type Minor } from "@/lib/domain/money";
import { divideRounded } from "@/lib/domain/tax/rounding";
import { baseSum, policyOf } from "./corrections";
import { exactRate, scayleRateOf } from "./numbers";
import { documentOf, sum, type Work, type WorkPair } from "./work";

/** SCAYLE's own figures again, unit by unit. */
export function scayleSteps(pair: WorkPair): readonly string[] {
  const line = pair.scayle[0];
  const rate = line?.taxRate ?? pair.erp[0]?.taxRate;
  if (!line || !rate || line.tax === null || pair.kind === "header") return [];
  const amount = (minor: bigint) => formatAmount(minor, pair.currency);
  const alike = pair.scayle.filter((one) => one.gross === line.gross).length;
  const each = alike > 1 ? `${alike} units, each ` : "";
  const name = pair.kind === "item" ? pair.itemKey : (line.description ?? line.kind);
  const { n, d } = scayleRateOf(rate);
  return [
    `SCAYLE, ${name}: ${each}${amount(line.gross)} / ${fraction(n + d, d)} = net ${amount(line.gross - line.tax)}, tax ${amount(line.tax)}.`,
  ];
}

/** A fraction of whole numbers whose denominator is a power of ten, as decimal text. */
function fraction(numerator: bigint, denominator: bigint): string {
  const places = denominator.toString().length - 1;
  const digits = numerator.toString().padStart(places + 1, "0");
  const decimals = digits.slice(digits.length - places).replace(/0+$/, "");
  const whole = digits.slice(0, digits.length - places);
  return decimals === "" || places === 0 ? whole : `${whole}.${decimals}`;
}

/** The ERP's own figures again, rate by rate where it rounds once per document, else line by line. */
export function erpSteps(work: Work, document: GroupDocument): readonly string[] {
  const policy = policyOf(work, document);
  const lines = work.group.lines.filter((line) => line.documentId === document.id && line.taxRate !== null);
  const amount = (minor: bigint) => formatAmount(minor, document.currency);
  const step = (name: string, mine: readonly GroupLine[]) => {
    const base = amount(baseSum(mine, policy));
    const { n, d } = exactRate(mine[0]?.taxRate ?? null);
    const rate = fraction(n, d);
    const formula =
      policy.basis === "gross" ? `${base} × ${rate} / ${fraction(n + d, d)}` : `${base} × ${rate}`;
    return `ERP, ${name}: round(${formula}) = ${amount(sum(mine).tax)}, its tax.`;
  };
  const given = lines.some((line) => line.taxAllocated)
    ? [
        `ERP, ${document.number}: it states its tax per document; each line has its part by largest remainder.`,
      ]
    : [];
  if (policy.level !== "document") {
    return [...lines.map((line) => step(`${document.number} ${line.sku ?? line.kind}`, [line])), ...given];
  }
  const rates = new Map<string, GroupLine[]>();
  for (const line of lines) {
    const { n, d } = exactRate(line.taxRate);
    const key = fraction(n * 100n, d);
    rates.set(key, [...(rates.get(key) ?? []), line]);
  }
  const steps = [...rates.keys()]
    .sort()
    .map((rate) => step(`${document.number} at ${rate} %`, rates.get(rate) ?? []));
  return [...steps, ...given];
}

/**
 * On which side the cents arose: the unrounded tax of the pairs' base, and how far each side's is from it.
 * null where the pairs have no ERP lines to take a rate from.
 */
export function centsOf(
  work: Work,
  pairs: readonly WorkPair[],
): Readonly<{ step: () => string; verdict: string }> | null {
  let [thousandths, scayle, erp] = [0n, 0n, 0n];
  let compared = false;
  for (const pair of pairs) {
    if (pair.kind === "header") continue;
    compared = true;
    for (const line of pair.erp) {
      const document = documentOf(work, line);
      const isNet = document !== null && policyOf(work, document).basis === "net";
      const { n, d } = exactRate(line.taxRate);
      const base = isNet ? (line.net ?? 0n) : line.gross;
      thousandths += divideRounded(base * n * 1000n, isNet ? d : d + n, "half-up");
    }
    scayle += sum(pair.scayle).tax;
    erp += sum(pair.erp).tax;
  }
  const currency = pairs[0]?.currency ?? "";
  if (!compared || currency === "") return null;
  const off = { scayle: scayle * 1000n - thousandths, erp: erp * 1000n - thousandths };
  const size = { scayle: off.scayle < 0n ? -off.scayle : off.scayle, erp: off.erp < 0n ? -off.erp : off.erp };
  const side = size.scayle === size.erp ? "both sides" : size.scayle > size.erp ? "SCAYLE" : "the ERP";
  return {
    step: () =>
      `Unrounded the tax is ${finer(thousandths, currency)}: SCAYLE's ${formatAmount(scayle, currency)} is ${finer(off.scayle, currency)} off, the ERP's ${formatAmount(erp, currency)} ${finer(off.erp, currency)}.`,
    verdict: `The cents arise in the rounding of ${side}.`,
  };
}

/** Thousandths of minor units as decimal text. */
function finer(thousandths: Minor, currency: string): string {
  const size = thousandths < 0n ? -thousandths : thousandths;
  return `${thousandths < 0n ? "−" : ""}${formatPlain(size / 1000n, currency)}${(size % 1000n).toString().padStart(3, "0")}`;
}
