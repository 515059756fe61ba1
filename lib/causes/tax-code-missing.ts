import type { Decimal } from "decimal.js";
import type { GroupLine, TaxRule } from "@/lib/domain/group";
import { scayleRate } from "@/lib/domain/tax/policy";
import { type Claim, defineCause } from "./contract";
import { baseOf, policyFor, retaxed } from "./corrections";
import { erpName, figures } from "./words";
import { erpDocuments, minusSums, type PostedDocument, roundingOf, type Work } from "./work";

export const taxCodeMissing = defineCause({
  code: "tax-code-missing",
  title: "Tax code missing",
  meaning: "An ERP line has no tax code where the confirmed mapping expects one.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  raises: true,
  resolution: "Set the tax code in the ERP and post again.",
  manual:
    "The ERP posted lines without a tax code: their VAT is missing from the VAT return even where the amounts agree. The code that is right follows from ship-to country, channel and rate in the confirmed tax mapping. Many of these at once are usually one setting of one channel.",
  pairs: (work) =>
    (["sale", "credit"] as const).flatMap((kind) =>
      erpDocuments(work, kind).flatMap((document) => claimFor(work, document)),
    ),
});

type Finding = Readonly<{ line: GroupLine; rate: Decimal | null; codes: readonly string[] }>;

function claimFor(work: Work, { document, lines }: PostedDocument): readonly Claim[] {
  const findings = lines.flatMap((line) => findingOf(work, line));
  if (findings.length === 0) return [];
  const policy = policyFor(document, roundingOf(work, document)?.policy);
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
        `Ship-to ${work.group.order?.shipTo ?? "unknown"}, channel ${channelOf(work)}: the mapping expects ${codes.join(" or ")}.`,
        ...corrected.map(
          (line) =>
            `${line.sku ?? line.description ?? line.kind}: with ${line.taxRate?.times(100)} % ${figures({ net: line.net ?? 0n, tax: line.tax ?? 0n, gross: line.gross }, line.currency)}.`,
        ),
      ],
      signature: `${work.group.order?.shipTo ?? ""} ${channelOf(work)} ${work.group.order?.channel ?? ""} ${codes.join("/")}`,
    },
  ];
}

const channelOf = (work: Work): string => work.group.order?.channelType ?? "*";

function findingOf(work: Work, line: GroupLine): readonly Finding[] {
  const { noneTaxCodes } = work.group.settings;
  const hasCode = line.taxCode !== null && line.taxCode !== "" && !noneTaxCodes.has(line.taxCode);
  if (hasCode || line.granularity === "document" || line.kind === "gift_card") return [];
  const rules = rulesFor(work);
  const pair = work.pairs.find((one) => one.erp.some((erp) => erp.id === line.id));
  const rate = rateOf(pair?.scayle ?? [], rules);
  const right = rate ? rules.filter((rule) => scayleRate(rule.rate).eq(scayleRate(rate))) : rules;
  // A charge may carry the goods' average rate, which no code has: any code of the place is what is missing then.
  const codes = (right.length > 0 ? right : line.kind === "item" ? [] : rules).map((rule) => rule.taxCode);
  return codes.length > 0 ? [{ line, rate, codes }] : [];
}

function rulesFor(work: Work): readonly TaxRule[] {
  const shipTo = work.group.order?.shipTo ?? null;
  return work.group.settings.taxRules.filter(
    (rule) => rule.shipTo === shipTo && (rule.channel === "*" || rule.channel === channelOf(work)),
  );
}

/** SCAYLE's rate; where it gives none, the one rate of the place that reproduces its net, or the only one. */
function rateOf(scayle: readonly GroupLine[], rules: readonly TaxRule[]): Decimal | null {
  const stated = scayle.find((line) => line.taxRate !== null)?.taxRate;
  if (stated) return stated;
  const rates = [...new Set(rules.map((rule) => rule.rate.toString()))];
  const fitting = rules.filter(
    (rule) => scayle.length > 0 && scayle.every((line) => reproduces(line, rule.rate)),
  );
  const first = fitting[0] ?? (rates.length === 1 ? rules[0] : undefined);
  return first?.rate ?? null;
}

function reproduces(line: GroupLine, rate: Decimal): boolean {
  if (line.net === null) return false;
  const net = rate.plus(1).pow(-1).times(line.gross.toString());
  return net.minus(line.net.toString()).abs().lt(1);
}
