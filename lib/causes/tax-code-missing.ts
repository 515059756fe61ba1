import type { Decimal } from "decimal.js";
import type { GroupLine } from "@/lib/domain/group";
import { type Claim, defineCause } from "./contract";
import { baseOf, policyOf, retaxed } from "./corrections";
import { signatureOf } from "./signature";
import {
  channelOf,
  expectedRate,
  hasTaxCode,
  pairOfErpLine,
  placeInWords,
  rulesAt,
  rulesFor,
} from "./tax-rules";
import { erpName, figures } from "./words";
import { erpDocuments, known, minusSums, type PostedDocument, type Work } from "./work";

export const taxCodeMissing = defineCause({
  code: "tax-code-missing",
  title: "Tax code missing",
  meaning: "An ERP line has no tax code where the confirmed mapping expects one.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  plain: {
    words: "The ERP's invoice has no tax code; what the customer pays is not affected",
    next: "Set the tax code in the books.",
  },
  resolution: "Set the tax code in the ERP and post again.",
  manual:
    "The ERP posted lines without a tax code: their VAT is missing from the VAT return even where the amounts agree. The code that is right follows from ship-to country, channel and rate in the confirmed tax mapping. Many of these at once are usually one setting of one channel.",
  pairs: (work) =>
    (["sale", "credit"] as const).flatMap((kind) =>
      erpDocuments(work, kind).flatMap((document) => claimFor(work, document)),
    ),
});

function claimFor(work: Work, { document, lines }: PostedDocument): readonly Claim[] {
  if (lines.every((line) => hasTaxCode(work, line))) return [];
  const findings = lines.flatMap((line) => uncodedOf(work, line));
  if (findings.length === 0) return [];
  const policy = policyOf(work, document);
  const untaxed = findings.filter(({ line, rate }) => rate !== null && (line.tax ?? 0n) === 0n);
  const corrected = retaxed(
    lines,
    untaxed.map(({ line, rate }) => ({ line, base: baseOf(line, policy), rate })),
    policy,
  );
  const codes = [...new Set(findings.flatMap((finding) => finding.codes))].sort();
  const amounts = minusSums(
    corrected,
    untaxed.map(({ line }) => line),
  );
  return [
    {
      effect: { kind: "correct", lines: corrected, touches: findings.map(({ line }) => line.id) },
      subject: {
        documentKind: document.kind,
        sourceLine: document.sourceId,
        documentNumber: document.number,
      },
      explanation: `${findings.length === 1 ? "A line" : `${findings.length} lines`} of ${erpName(document)} ${findings.length === 1 ? "has" : "have"} no tax code; expected ${codes.join(" or ")}. Difference ${figures(amounts, document.currency)}.`,
      steps: [
        `${placeInWords(work)}: the mapping expects ${codes.join(" or ")}.`,
        ...corrected.map(
          (line) =>
            `${line.sku ?? line.description ?? line.kind}: with ${line.taxRate?.times(100)} % ${figures(known(line), line.currency)}.`,
        ),
      ],
      // Not the codes: what a channel lacks, it lacks at every rate; where it is one rate only, the figures show it.
      signature: signatureOf({
        "ship-to": work.group.order?.shipTo ?? null,
        channel: work.group.order?.channel ?? channelOf(work),
      }),
    },
  ];
}

type Uncoded = Readonly<{ line: GroupLine; rate: Decimal | null; codes: readonly string[] }>;

function uncodedOf(work: Work, line: GroupLine): readonly Uncoded[] {
  if (hasTaxCode(work, line) || line.granularity === "document" || line.kind === "gift_card") return [];
  const rules = rulesFor(work, line);
  const rate = expectedRate(pairOfErpLine(work, line), line, rules);
  const right = rate ? rulesAt(rules, rate) : rules;
  // A charge may carry the goods' average rate, which no code has: any code of the place is what is missing then.
  const codes = (right.length > 0 ? right : line.kind === "item" ? [] : rules).map((rule) => rule.taxCode);
  return codes.length > 0 ? [{ line, rate, codes }] : [];
}
