import { plus, ZERO } from "@/lib/domain/money";
import { type Claim, defineCause } from "./contract";
import { signatureOf } from "./signature";
import { figures } from "./words";
import { documentOf, sum, type Work, type WorkPair } from "./work";

export const unexplained = defineCause({
  code: "unexplained",
  title: "Unexplained",
  meaning: "No cause reproduces this difference.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  acceptance: "never",
  raises: true,
  resolution: "Investigate: compare both documents, then link, correct or accept.",
  manual:
    "What no cause explains to the cent is shown as such, however small. A period with an unexplained difference does not tie out.",
  residual: (work) => work.pairs.flatMap((pair) => claimFor(work, pair)),
});

function claimFor(work: Work, pair: WorkPair): readonly Claim[] {
  const { cells } = pair;
  if (cells.length === 0) return [];
  const amounts = cells.map((cell) => cell.amounts).reduce(plus, ZERO);
  const documents = [...new Set(pair.erp.map((line) => documentOf(work, line)?.number ?? ""))].filter(
    Boolean,
  );
  return [
    {
      effect: { kind: "residual", parts: cells.map((cell) => ({ pairId: pair.id, ...cell })) },
      subject: {
        documentKind: pair.documentKind,
        sourceLine: pair.itemKey,
        documentNumber: documents[0] ?? null,
      },
      explanation: `${nameOf(pair)}: SCAYLE ${figures(sum(pair.scayle), pair.currency)}, ERP ${figures(sum(pair.erp), pair.currency)}; ${figures(amounts, pair.currency)} are left that no cause reproduces.`,
      steps: [
        "Every cause was tried by recomputing the figures with it; none gives both sides.",
        ...(pair.erp.length === 0 ? ["The ERP has no counterpart for this line."] : []),
        ...(pair.scayle.length === 0 ? ["SCAYLE has no counterpart for this line."] : []),
      ],
      signature: signatureOf({ item: pair.kind === "item" ? pair.itemKey : pair.kind }),
    },
  ];
}

const nameOf = (pair: WorkPair): string =>
  ({
    item: pair.itemKey,
    charge: "Shipping and fees",
    header: "Order total",
    document: "Whole document",
    aside: "",
  })[pair.kind];
