import type { DocumentKind } from "@/lib/domain/document";
import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { plus, ZERO } from "@/lib/domain/money";
import { policyInWords, type RoundingPolicy } from "@/lib/domain/tax/policy";
import type { Rate } from "@/lib/domain/tax/rate";
import { type Claim, defineCause, type ResidualPart } from "./contract";
import { baseSum, isSameNetPrice, policyOf } from "./corrections";
import { erpReproduced } from "./erp-rounding";
import { scayleRateOf } from "./numbers";
import { centsOf, erpSteps, scayleSteps } from "./rounding-steps";
import { type Calculator, calculatorOf, confirmedScaylePolicy, isScayleTax } from "./scayle-rounding";
import { figures } from "./words";
import { compareText, documentOf, roundingOf, type Work, type WorkPair } from "./work";

export const rounding = defineCause({
  code: "rounding",
  title: "Rounding",
  meaning: "Both sides are reproduced by their own rounding policies.",
  defaultOwner: "finance",
  severity: "low",
  bucket: "explained",
  acceptance: "rule",
  raises: true,
  resolution: "None needed; or post the difference at month's end.",
  manual:
    "VAT is rounded per unit or line on one side and once per document on the other. Claimed only where recomputing each side by its own, confirmed policy gives exactly that side's figures, line by line; that some policy out of many would fit proves nothing. The recomputation says on which side the cents arose.",
  residual: (work) => [...claimFor(work, "sale"), ...claimFor(work, "credit")],
});

/** A pair whose cents are proved: by the policies of both sides, or as the header that SCAYLE's calculator made. */
type Proof = Readonly<{ pair: WorkPair; scayle: RoundingPolicy; calculator: Calculator | null }>;

function claimFor(work: Work, kind: DocumentKind): readonly Claim[] {
  const differing = work.pairs.filter((pair) => pair.documentKind === kind && pair.cells.length > 0);
  if (differing.length === 0) return [];
  const reproduced = new Map<string, boolean>();
  const proofs = differing.flatMap((pair) => proofOf(work, pair, reproduced) ?? []);
  // Parts of one claim are of one currency, as its words are.
  return [...new Set(proofs.map(({ pair }) => pair.currency))].sort().map((currency) =>
    claimOf(
      work,
      kind,
      proofs.filter(({ pair }) => pair.currency === currency),
    ),
  );
}

function proofOf(work: Work, pair: WorkPair, reproduced: Map<string, boolean>): Proof | null {
  const line = pair.scayle[0];
  const scayle = line ? confirmedScaylePolicy(work, line) : null;
  if (!scayle) return null;
  if (pair.kind === "header") {
    const calculator = pair.erp.length === 0 ? calculatorBehind(work, pair, scayle) : null;
    return calculator ? { pair, scayle, calculator } : null;
  }
  if (pair.kind === "document" || pair.erp.length === 0) return null;
  return isErpReproduced(work, pair, reproduced) && isSameTaxedAlike(work, pair, scayle)
    ? { pair, scayle, calculator: null }
    : null;
}

/** A header without gross: only where net and tax meet did the calculator and the items part. */
function calculatorBehind(work: Work, pair: WorkPair, policy: RoundingPolicy): Calculator | null {
  const [cell] = pair.cells;
  if (!cell || pair.cells.length > 1 || cell.amounts.gross !== 0n) return null;
  return calculatorOf(work.group, cell.amounts.tax, policy);
}

/** Whether every ERP document in the pair is, as posted, what its own confirmed policy makes of it. */
function isErpReproduced(work: Work, pair: WorkPair, reproduced: Map<string, boolean>): boolean {
  return pair.erp.every((line) => {
    const before = reproduced.get(line.documentId);
    if (before !== undefined) return before;
    const document = documentOf(work, line);
    const rule = document ? roundingOf(work, document) : null;
    const made =
      document !== null && rule?.confirmed === true && erpReproduced(work.group, document, rule.policy);
    reproduced.set(line.documentId, made);
    return made;
  });
}

/** The same base at each rate in each month on both sides, and every unit of SCAYLE's taxed as its own policy does. */
function isSameTaxedAlike(work: Work, pair: WorkPair, scayle: RoundingPolicy): boolean {
  const document = pair.erp[0] ? documentOf(work, pair.erp[0]) : null;
  if (!document) return false;
  const policy = policyOf(work, document);
  const shelves = byRate(pair);
  if (!shelves) return false;
  return shelves.every(
    ({ rate, ofScayle, ofErp }) =>
      (baseSum(ofScayle, policy) === baseSum(ofErp, policy) || isSameNetPrice(ofScayle, ofErp, policy)) &&
      ofScayle.every((line) => isScayleTax(line, rate, scayle)),
  );
}

type Shelf = { rate: Rate; period: string; ofScayle: GroupLine[]; ofErp: GroupLine[] };

/**
 * Lines of both sides by rate and month: what stands in another month is no cent of rounding, though it sums to nothing.
 * null where the ERP has no rate, or SCAYLE one (or a month) that the ERP hasn't.
 */
function byRate(pair: WorkPair): readonly Shelf[] | null {
  const shelves: Shelf[] = [];
  const shelfFor = (rate: Rate, period: string) =>
    shelves.find(
      (one) => one.period === period && (one.rate === rate || one.rate.n * rate.d === rate.n * one.rate.d),
    );
  const onlyShelf = (period: string) => {
    const [first, ...others] = shelves.filter((one) => one.period === period);
    return others.length === 0 ? first : undefined;
  };
  for (const line of pair.erp) {
    if (line.taxRate === null) return null;
    const rate = scayleRateOf(line.taxRate);
    const shelf = shelfFor(rate, line.period);
    if (shelf) shelf.ofErp.push(line);
    else shelves.push({ rate, period: line.period, ofScayle: [], ofErp: [line] });
  }
  for (const line of pair.scayle) {
    // Where SCAYLE gives no rate, the ERP's only one has to reproduce its figures.
    const shelf = line.taxRate ? shelfFor(scayleRateOf(line.taxRate), line.period) : onlyShelf(line.period);
    if (!shelf) return null;
    shelf.ofScayle.push(line);
  }
  return shelves;
}

function claimOf(work: Work, kind: DocumentKind, proofs: readonly Proof[]): Claim {
  const pairs = proofs.map(({ pair }) => pair);
  const parts: ResidualPart[] = pairs.flatMap((pair) =>
    pair.cells.map((cell) => ({ pairId: pair.id, ...cell })),
  );
  const currency = pairs[0]?.currency ?? "";
  const amounts = parts.map((part) => part.amounts).reduce(plus, ZERO);
  const documents = erpDocumentsOf(work, pairs);
  const erpWords = [...new Set(documents.map((document) => policyInWords(policyOf(work, document))))].join(
    "; ",
  );
  const scayleWords = scayleInWords(proofs);
  const cents = centsOf(work, pairs);
  return {
    effect: { kind: "residual", parts },
    subject: { documentKind: kind, sourceLine: "", documentNumber: documents[0]?.number ?? null },
    explanation: `${erpWords ? `The ERP rounds VAT ${erpWords}; SCAYLE` : "SCAYLE"} rounds it ${scayleWords}: ${figures(amounts, currency)}${cancelWords(parts, amounts)}.${cents ? ` ${cents.verdict}` : ""}`,
    // Most claims of rounding nobody ever opens.
    steps: () => [
      ...pairs.flatMap((pair) => scayleSteps(pair)),
      ...documents.flatMap((document) => erpSteps(work, document)),
      ...(cents ? [cents.step()] : []),
      ...pairs.flatMap(differenceSteps),
    ],
    signature: `${scayleWords} / ${erpWords}`,
  };
}

/** That there are cents though they come to nothing: one on an item, and one less on the order's total. */
function cancelWords(parts: readonly ResidualPart[], sum: ResidualPart["amounts"]): string {
  const isNothing = sum.net === 0n && sum.tax === 0n && sum.gross === 0n;
  return isNothing && parts.length > 1 ? " in all, by cents of opposite signs" : "";
}

function scayleInWords(proofs: readonly Proof[]): string {
  const units = proofs.find(({ calculator }) => calculator === null);
  const header = proofs.find(({ calculator }) => calculator !== null);
  const words = units ? [policyInWords(units.scayle)] : [];
  return [...words, ...(header?.calculator ? [header.calculator.words] : [])].join(", and its total ");
}

function erpDocumentsOf(work: Work, pairs: readonly WorkPair[]): readonly GroupDocument[] {
  const ids = new Set(pairs.flatMap((pair) => pair.erp.map((line) => line.documentId)));
  const documents = work.group.documents.filter((document) => ids.has(document.id));
  return documents.length > 1 ? documents.sort((a, b) => compareText(a.number, b.number)) : documents;
}

const NAMES = {
  charge: "Shipping and fees",
  header: "Order total",
  document: "Document",
  aside: "",
} as const;

const differenceSteps = (pair: WorkPair): readonly string[] =>
  pair.cells.map(
    ({ amounts }) =>
      `${pair.kind === "item" ? pair.itemKey : NAMES[pair.kind]}: SCAYLE − ERP = ${figures(amounts, pair.currency)}.`,
  );
