import { Decimal } from "decimal.js";
import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { formatAmount, plus, ZERO } from "@/lib/domain/money";
import { policyInWords, type RoundingPolicy, roundedTax, scayleRate } from "@/lib/domain/tax/policy";
import { type Claim, defineCause, type ResidualPart } from "./contract";
import { baseOf, isSameNetPrice, policyFor } from "./corrections";
import { erpReproduced } from "./erp-rounding";
import { headerReproduced } from "./scayle-rounding";
import { figures } from "./words";
import { compareText, differences, roundingOf, type Work, type WorkPair } from "./work";

export const rounding = defineCause({
  code: "rounding",
  title: "Rounding",
  meaning: "Both sides are reproduced by their own rounding policies.",
  defaultOwner: "finance",
  severity: "low",
  bucket: "explained",
  raises: true,
  resolution: "None needed; or post the difference at month's end.",
  manual:
    "VAT is rounded per unit or line on one side and once per document on the other. Claimed only where recomputing each side by its own, confirmed policy gives exactly that side's figures; that some policy out of many would fit proves nothing.",
  residual: (work) => (["sale", "credit"] as const).flatMap((kind) => claimFor(work, kind)),
});

function claimFor(work: Work, kind: "sale" | "credit"): readonly Claim[] {
  const header = headerReproduced(work.group);
  const proved = work.pairs
    .filter((pair) => pair.documentKind === kind && differences(pair.scayle, pair.erp).length > 0)
    .filter((pair) => (pair.kind === "header" ? header !== null && isCentsOnly(pair) : isProved(work, pair)));
  if (proved.length === 0) return [];
  const parts: ResidualPart[] = proved.flatMap((pair) =>
    differences(pair.scayle, pair.erp).map((cell) => ({ pairId: pair.id, ...cell })),
  );
  const currency = proved[0]?.currency ?? "";
  const amounts = parts.map((part) => part.amounts).reduce(plus, ZERO);
  const documents = erpDocumentsOf(work, proved);
  const erpWords = [...new Set(documents.map((document) => erpPolicyWords(work, document)))].join("; ");
  const scayleWords = header ?? "per unit, half up";
  return [
    {
      effect: { kind: "residual", parts },
      subject: { documentKind: kind, sourceLine: "", documentNumber: documents[0]?.number ?? null },
      explanation: `${erpWords ? `The ERP rounds VAT ${erpWords}; SCAYLE` : "SCAYLE"} rounds it ${scayleWords}: ${figures(amounts, currency)}.`,
      steps: [
        ...proved.flatMap((pair) => scayleSteps(pair)),
        ...documents.flatMap((document) => erpSteps(work, document)),
        ...proved.flatMap((pair) => stepsOf(pair)),
      ],
      signature: `${scayleWords} / ${erpWords}`,
    },
  ];
}

const erpPolicyWords = (work: Work, document: GroupDocument): string =>
  policyInWords(policyFor(document, roundingOf(work, document)?.policy));

function erpDocumentsOf(work: Work, pairs: readonly WorkPair[]): readonly GroupDocument[] {
  const ids = new Set(pairs.flatMap((pair) => pair.erp.map((line) => line.documentId)));
  return work.group.documents
    .filter((document) => ids.has(document.id))
    .sort((a, b) => compareText(a.number, b.number));
}

/** A header line without gross: only where net and tax meet did the calculator and the items part. */
const isCentsOnly = (pair: WorkPair): boolean =>
  pair.erp.length === 0 && pair.scayle.every((line) => line.gross === 0n);

/** Same base and rate on both sides, and each side's figures as its own policy makes them. */
function isProved(work: Work, pair: WorkPair): boolean {
  if (pair.scayle.length === 0 || pair.erp.length === 0 || pair.kind === "document") return false;
  const documents = erpDocumentsOf(work, [pair]);
  const reproduced = documents.every((document) => {
    const rule = roundingOf(work, document);
    return rule?.confirmed === true && erpReproduced(work.group, document, rule.policy);
  });
  if (!reproduced || !documents[0]) return false;
  const policy = policyFor(documents[0], roundingOf(work, documents[0])?.policy);
  return isSameTaxedAlike(pair, policy);
}

const total = (lines: readonly GroupLine[], policy: RoundingPolicy): bigint =>
  lines.reduce((all, line) => all + baseOf(line, policy), 0n);

/** The same base at each rate on both sides, and every unit of SCAYLE's taxed at it as SCAYLE does. */
function isSameTaxedAlike(pair: WorkPair, policy: RoundingPolicy): boolean {
  const rates = [
    ...new Set(pair.erp.map((line) => (line.taxRate ? scayleRate(line.taxRate).toString() : null))),
  ];
  const only = rates.length === 1 ? rates[0] : null;
  // Where SCAYLE gives no rate, the ERP's has to reproduce its figures.
  const rateOf = (line: GroupLine): string | null =>
    line.taxRate ? scayleRate(line.taxRate).toString() : (only ?? null);
  if (pair.scayle.some((line) => !rates.includes(rateOf(line)))) return false;
  return rates.every((rate) => {
    if (rate === null) return false;
    const scayle = pair.scayle.filter((line) => rateOf(line) === rate);
    const erp = pair.erp.filter((line) => rateOf(line) === rate);
    return (
      (total(scayle, policy) === total(erp, policy) || isSameNetPrice(scayle, erp, policy)) &&
      scayle.every((line) => isScayleUnit(line, new Decimal(rate)))
    );
  });
}

/** SCAYLE: net = round(gross / (1 + rate)), the rate rounded to three decimals; or the tax rounded, net the rest. */
function isScayleUnit(line: GroupLine, rate: Decimal): boolean {
  if (line.tax === null) return false;
  const rule = { mode: "half-up", basis: "gross" } as const;
  return (
    line.tax === roundedTax(line.gross, rate, { ...rule, first: "net" }) ||
    line.tax === roundedTax(line.gross, rate, { ...rule, first: "tax" })
  );
}

/** SCAYLE's own figures again, unit by unit. */
function scayleSteps(pair: WorkPair): readonly string[] {
  const line = pair.scayle[0];
  const rate = line?.taxRate ?? pair.erp[0]?.taxRate;
  if (!line || !rate || line.tax === null || pair.kind === "header") return [];
  const amount = (minor: bigint) => formatAmount(minor, pair.currency);
  const alike = pair.scayle.filter((one) => one.gross === line.gross).length;
  const each = alike > 1 ? `${alike} units, each ` : "";
  return [
    `SCAYLE, ${nameOf(pair, line)}: ${each}${amount(line.gross)} / ${scayleRate(rate).plus(1)} = net ${amount(line.gross - line.tax)}, tax ${amount(line.tax)}.`,
  ];
}

/** The ERP's own figures again, rate by rate where it rounds once per document, else line by line. */
function erpSteps(work: Work, document: GroupDocument): readonly string[] {
  const policy = policyFor(document, roundingOf(work, document)?.policy);
  const lines = work.group.lines.filter((line) => line.documentId === document.id && line.taxRate !== null);
  const amount = (minor: bigint) => formatAmount(minor, document.currency);
  const formula = (base: bigint, rate: Decimal) =>
    policy.basis === "gross" ? `${amount(base)} × ${rate} / ${rate.plus(1)}` : `${amount(base)} × ${rate}`;
  const step = (name: string, mine: readonly GroupLine[], rate: Decimal) => {
    const tax = mine.reduce((all, line) => all + (line.tax ?? 0n), 0n);
    return `ERP, ${name}: round(${formula(total(mine, policy), rate)}) = ${amount(tax)}, its tax.`;
  };
  if (policy.level !== "document") {
    return lines.map((line) =>
      step(`${document.number} ${line.sku ?? line.kind}`, [line], line.taxRate ?? new Decimal(0)),
    );
  }
  const rates = [...new Set(lines.map((line) => String(line.taxRate)))].sort();
  return rates.map((rate) =>
    step(
      `${document.number} at ${new Decimal(rate).times(100)} %`,
      lines.filter((line) => String(line.taxRate) === rate),
      new Decimal(rate),
    ),
  );
}

const nameOf = (pair: WorkPair, line: GroupLine): string =>
  pair.kind === "item" ? pair.itemKey : (line.description ?? line.kind);

function stepsOf(pair: WorkPair): readonly string[] {
  const name = {
    item: pair.itemKey,
    charge: "Shipping and fees",
    header: "Order total",
    document: "Document",
    aside: "",
  }[pair.kind];
  return differences(pair.scayle, pair.erp).map(
    ({ amounts }) => `${name}: SCAYLE − ERP = ${figures(amounts, pair.currency)}.`,
  );
}
