import type { Decimal } from "decimal.js";
import type { GroupLine } from "@/lib/domain/group";
import type { Minor } from "@/lib/domain/money";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import type { Rate } from "@/lib/domain/tax/rate";
import { type Goods, SCAYLE_FEE, weightedRate } from "@/lib/domain/tax/shipping";
import { type Claim, defineCause } from "./contract";
import { baseOf, policyOf, retaxed } from "./corrections";
import { isReproducedBy } from "./erp-rounding";
import { exactRate, isSameRate, scayleRateOf } from "./numbers";
import { confirmedScaylePolicy, isScayleTax, rateOfText } from "./scayle-rounding";
import { signatureOf } from "./signature";
import { rulesAt, rulesFor } from "./tax-rules";
import { erpName, figures } from "./words";
import { documentLines, documentOf, known, linesOf, minusSums, type Work, type WorkPair } from "./work";

export const shippingTaxBasis = defineCause({
  code: "shipping-tax-basis",
  title: "Shipping taxed on another basis",
  meaning:
    "Shipping is taxed at a fixed rate on one side and at the goods' average rate on the other; both figures are reproduced.",
  defaultOwner: "finance",
  severity: "medium",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  resolution: "Set the same basis for shipping VAT on both sides.",
  manual:
    "SCAYLE taxes shipping either at the country's rate or at the average of the goods' rates, weighted by their net values and rounded to three decimals (a setting of the shop). The ERP does one of the two as well. Where the two disagree, every order with goods of several rates differs by the tax on its shipping. One setting ends all of them.",
  pairs: (work) => work.pairs.flatMap((pair) => claimFor(work, pair)),
});

function claimFor(work: Work, charges: WorkPair): readonly Claim[] {
  if (charges.kind !== "charge" || charges.cells.length === 0) return [];
  const pair = shippingOf(charges);
  const [scayle, erp] = [onlyRate(pair.scayle), onlyRate(pair.erp)];
  if (!scayle || !erp || isSameRate(scayle, erp)) return [];
  const document = pair.erp[0] ? documentOf(work, pair.erp[0]) : null;
  if (!document || pair.erp.some((line) => line.documentId !== document.id)) return [];
  const policy = policyOf(work, document);
  if (grossOf(pair.scayle) !== grossOf(pair.erp) || policy.basis !== "gross") return [];
  const basis = basisOf(work, pair, scayle, erp);
  if (!basis || !isReproduced(work, pair, scayle, policy)) return [];
  const corrected = retaxed(
    documentLines(work, document.id),
    pair.erp.map((line) => ({ line, base: baseOf(line, policy), rate: scayle })),
    policy,
  ).map((line) => ({ ...line, taxCode: codeFor(work, line, scayle) ?? line.taxCode }));
  const amounts = minusSums(corrected, pair.erp);
  const [fixed, weighted] = basis.isErpWeighted
    ? (["SCAYLE", "the ERP"] as const)
    : (["the ERP", "SCAYLE"] as const);
  return [
    {
      effect: { kind: "correct", lines: corrected },
      subject: {
        documentKind: pair.documentKind,
        sourceLine: `${document.sourceId} charge`,
        documentNumber: document.number,
      },
      explanation: `Shipping is taxed at a fixed ${percent(basis.isErpWeighted ? scayle : erp)} in ${fixed} and at ${percent(basis.isErpWeighted ? erp : scayle)} in ${weighted}, the goods' average, in ${erpName(document)}: ${figures(amounts, pair.currency)}.`,
      steps: [
        `The goods' net values weigh ${basis.words}: ${percent(basis.isErpWeighted ? erp : scayle)}.`,
        ...pair.scayle.map((line) => `SCAYLE: at ${percent(scayle)} ${figures(known(line), line.currency)}.`),
        ...pair.erp.map((line) => `ERP: at ${percent(erp)} ${figures(known(line), line.currency)}.`),
      ],
      signature: signatureOf({
        "weighted in": basis.isErpWeighted ? "the ERP" : "SCAYLE",
        shop: work.group.shopId,
      }),
    },
  ];
}

/** The shipping of a pair of charges: payment fees beside it are taxed by a rate of their own. */
function shippingOf(charges: WorkPair): WorkPair {
  const isShipping = (line: GroupLine) => line.kind === "shipping";
  if (!charges.scayle.some(isShipping) || !charges.erp.some(isShipping)) return charges;
  return { ...charges, scayle: charges.scayle.filter(isShipping), erp: charges.erp.filter(isShipping) };
}

/** The code follows the basis: it is not wrong beside it. */
const codeFor = (work: Work, line: GroupLine, rate: Decimal): string | null =>
  rulesAt(rulesFor(work, line), rate)[0]?.taxCode ?? null;

const percent = (rate: Decimal): string => `${rate.times(100)} %`;

function grossOf(lines: readonly GroupLine[]): Minor {
  let total = 0n;
  for (const line of lines) total += line.gross;
  return total;
}

function onlyRate(lines: readonly GroupLine[]): Decimal | null {
  const rate = lines[0]?.taxRate ?? null;
  return rate !== null && lines.every((line) => line.taxRate?.eq(rate) === true) ? rate : null;
}

type Basis = Readonly<{ isErpWeighted: boolean; words: string }>;

/** One side's rate is the average of the goods, the other's one that the place has. */
function basisOf(work: Work, pair: WorkPair, scayle: Decimal, erp: Decimal): Basis | null {
  const averages = averageRates(work, pair);
  const isAverage = (rate: Decimal) => averages.find((one) => isEqual(one.rate, scayleRateOf(rate)));
  const [line] = pair.erp;
  const rules = line ? rulesFor(work, line) : [];
  const isFixed = (rate: Decimal) => rules.some((rule) => isSameRate(rule.rate, rate));
  const [ofErp, ofScayle] = [isAverage(erp), isAverage(scayle)];
  if (ofErp && isFixed(scayle)) return { isErpWeighted: true, words: ofErp.words };
  return ofScayle && isFixed(erp) ? { isErpWeighted: false, words: ofScayle.words } : null;
}

const isEqual = (a: Rate, b: Rate): boolean => a.n * b.d === b.n * a.d;

/** The average rates that either side may have taken: of the whole order, of what was sold, of the ERP's document. */
function averageRates(work: Work, pair: WorkPair): readonly Readonly<{ rate: Rate; words: string }>[] {
  const sold = linesOf(work, "scayle", pair.documentKind).filter((line) => line.kind === "item");
  const onDocument = new Set(
    pair.erp
      .flatMap((line) => documentLines(work, line.documentId))
      .filter((line) => line.kind === "item")
      .map((line) => line.itemKey),
  );
  const sets = [
    { words: "for the whole order", goods: orderGoods(work) },
    { words: "for what was sold", goods: goodsOf(sold) },
    {
      words: "for the goods of the ERP's document",
      goods: goodsOf(sold.filter((line) => onDocument.has(line.itemKey))),
    },
  ];
  return sets.flatMap(({ words, goods }) => {
    const rate = goods.length > 0 ? weightedRate(goods) : null;
    return rate ? [{ rate, words }] : [];
  });
}

const orderGoods = (work: Work): readonly Goods[] =>
  (work.group.order?.items ?? []).flatMap((item) =>
    item.net !== null && item.taxRate !== null ? [{ net: item.net, rate: rateOfText(item.taxRate) }] : [],
  );

const goodsOf = (lines: readonly GroupLine[]): readonly Goods[] =>
  lines.flatMap((line) =>
    line.net !== null && line.taxRate !== null ? [{ net: line.net, rate: exactRate(line.taxRate) }] : [],
  );

/** Both figures again: SCAYLE's fee at its rate, and the ERP's document, as posted, at its own. */
function isReproduced(work: Work, pair: WorkPair, scayle: Decimal, policy: RoundingPolicy): boolean {
  const fee: RoundingPolicy = { level: "unit", ...SCAYLE_FEE };
  const document = pair.erp[0]?.documentId;
  return (
    pair.scayle.every((line) =>
      isScayleTax(line, scayleRateOf(scayle), confirmedScaylePolicy(work, line) ?? fee),
    ) &&
    isReproducedBy(
      work.group.lines.filter((line) => line.documentId === document),
      policy,
    )
  );
}
