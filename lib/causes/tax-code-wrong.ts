import type { Decimal } from "decimal.js";
import type { GroupDocument, GroupLine, TaxRule } from "@/lib/domain/group";
import type { Missing } from "@/lib/domain/missing";
import { type Claim, defineCause } from "./contract";
import { baseOf, policyOf, retaxed } from "./corrections";
import { isReproducedBy } from "./erp-rounding";
import { isSameRate } from "./numbers";
import { signatureOf } from "./signature";
import {
  channelOf,
  expectedRate,
  hasTaxCode,
  pairOfErpLine,
  placeInWords,
  rulesAt,
  rulesFor,
  rulesOfPlace,
} from "./tax-rules";
import { erpName, figures } from "./words";
import { erpDocuments, known, minusSums, type PostedDocument, type Work } from "./work";

export const taxCodeWrong = defineCause({
  code: "tax-code-wrong",
  title: "Tax code wrong",
  meaning:
    "An ERP line has another tax code than the confirmed mapping expects; recomputing with that code's rate gives the ERP's tax.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  plain: {
    words: "The ERP's invoice has a wrong tax code; what the customer pays is not affected",
    next: "Correct the tax code in the books.",
  },
  resolution: "Correct the tax code of the ERP line, or the mapping where the code is right.",
  manual:
    "The ERP taxed a line by a code that doesn't belong to its ship-to country, channel and rate. Where the code's rate differs, the tax is wrong by what the two rates make of the same price. Where the rate is right and only the code isn't, no amount is wrong, but the line stands in another box of the VAT return. Many of these at once are usually one setting of an item group or a country.",
  pairs: (work) =>
    rulesOfPlace(work).length === 0
      ? []
      : (["sale", "credit"] as const).flatMap((kind) =>
          erpDocuments(work, kind).flatMap((posted) => claimFor(work, posted)),
        ),
});

/** A line with a code that the mapping doesn't have here; `actual` is the rate it was taxed at. */
type Miscoded = Readonly<{
  line: GroupLine;
  actual: Decimal | null;
  right: Decimal;
  codes: readonly string[];
}>;

function claimFor(work: Work, { document, lines }: PostedDocument): readonly Claim[] {
  const suspects = lines.flatMap((line) => miscodedOf(work, line));
  if (suspects.length === 0) return [];
  const policy = policyOf(work, document);
  const rated = suspects.filter(({ actual, right }) => actual !== null && !isSameRate(actual, right));
  // The proof: as posted, the document's tax is what the wrong rates make of it.
  if (rated.length > 0 && !isReproducedBy(asTaxed(work, document, rated), policy)) return [];
  const corrected = retaxed(
    lines,
    rated.map(({ line, actual, right }) => ({
      line: { ...line, taxRate: actual },
      base: baseOf(line, policy),
      rate: right,
    })),
    policy,
  );
  const codes = [...new Set(suspects.flatMap((one) => one.codes))].sort().join(" or ");
  const wrong = [...new Set(suspects.map(({ line }) => line.taxCode ?? ""))].sort().join(", ");
  const amounts = minusSums(
    corrected,
    rated.map(({ line }) => line),
  );
  return [
    {
      effect: { kind: "correct", lines: corrected, touches: suspects.map(({ line }) => line.id) },
      subject: {
        documentKind: document.kind,
        sourceLine: document.sourceId,
        documentNumber: document.number,
      },
      explanation: `${suspects.length === 1 ? "A line" : `${suspects.length} lines`} of ${erpName(document)} ${suspects.length === 1 ? "has" : "have"} tax code ${wrong}; expected ${codes}. Difference ${figures(amounts, document.currency)}.`,
      steps: [
        `${placeInWords(work)}: the mapping expects ${codes}, not ${wrong}.`,
        ...rated.flatMap((one, index) => stepsOf(one, corrected[index])),
      ],
      signature: signatureOf({
        "ship-to": work.group.order?.shipTo ?? null,
        "posted code": wrong,
        "expected code": codes,
      }),
      missing: missingOf(work, suspects),
    },
  ];
}

/** Where a line is taxed at the right rate and only its code is not the mapping's, the mapping may lack that code. */
function missingOf(work: Work, suspects: readonly Miscoded[]): readonly Missing[] {
  const shipTo = work.group.order?.shipTo ?? null;
  if (shipTo === null) return [];
  const lacking = new Map<string, Missing>();
  for (const { line, actual, right } of suspects) {
    if (line.taxCode === null || (actual !== null && !isSameRate(actual, right))) continue;
    const rate = right.toDecimalPlaces(5).toFixed();
    lacking.set(`${rate} ${line.taxCode}`, {
      kind: "tax-code",
      shipTo,
      channel: channelOf(work),
      rate,
      taxCode: line.taxCode,
    });
  }
  return [...lacking.keys()].sort().flatMap((key) => lacking.get(key) ?? []);
}

/** The document's lines with the rates that they were taxed at. */
function asTaxed(work: Work, document: GroupDocument, rated: readonly Miscoded[]): readonly GroupLine[] {
  const rates = new Map(rated.map(({ line, actual }) => [line.id, actual]));
  return work.group.lines
    .filter((line) => line.documentId === document.id)
    .map((line) => (rates.has(line.id) ? { ...line, taxRate: rates.get(line.id) ?? null } : line));
}

function stepsOf({ line, actual, right }: Miscoded, corrected: GroupLine | undefined): readonly string[] {
  const name = line.sku ?? line.description ?? line.kind;
  return [
    `${name}: with ${actual?.times(100)} % ${figures(known(line), line.currency)}, as the ERP posted it.`,
    ...(corrected
      ? [`${name}: with ${right.times(100)} % ${figures(known(corrected), line.currency)}.`]
      : []),
  ];
}

function miscodedOf(work: Work, line: GroupLine): readonly Miscoded[] {
  if (!hasTaxCode(work, line) || line.granularity === "document") return [];
  const rules = rulesFor(work, line);
  const pair = pairOfErpLine(work, line);
  // What SCAYLE says neither by a rate nor by a net can't make a code wrong.
  if (!pair?.scayle.some((one) => one.taxRate !== null || one.net !== null)) return [];
  const right = expectedRate(pair, line, rules);
  if (right && line.taxRate && isAsMapped(rules, line.taxCode, line.taxRate, right)) return [];
  const allowed = right ? rulesAt(rules, right) : [];
  // A charge may carry the goods' average rate, for which no mapping has a code.
  if (!right || allowed.length === 0) return [];
  const codes = allowed.map((rule) => rule.taxCode);
  const actual = line.taxRate ?? codeRate(work, line.taxCode);
  const isAllowed = line.taxCode !== null && codes.includes(line.taxCode);
  if (isAllowed && (actual === null || isSameRate(actual, right))) return [];
  return [{ line, actual, right, codes }];
}

/** The usual case: the code is one that the mapping has for SCAYLE's rate, and the line is taxed at it. */
function isAsMapped(
  rules: readonly TaxRule[],
  code: string | null,
  actual: Decimal,
  right: Decimal,
): boolean {
  for (const rule of rules)
    if (rule.taxCode === code && isSameRate(rule.rate, right)) return isSameRate(actual, right);
  return false;
}

/** The rate that a code has wherever the mapping uses it; null where it has none or several. */
function codeRate(work: Work, code: string | null): Decimal | null {
  const rules = work.group.settings.taxRules.filter((rule) => rule.taxCode === code);
  const [first] = rules;
  return first && rules.every((rule) => isSameRate(rule.rate, first.rate)) ? first.rate : null;
}
