import { type Claim, defineCause } from "./contract";
import type { WorkPair } from "./work";

/** Unknown is not zero: net and tax that only one side states are no difference, and are counted apart. */
export const taxUnknown = defineCause({
  code: "tax-unknown",
  title: "Tax unknown",
  meaning: "One side states no net or tax for these lines, so only gross can be compared.",
  defaultOwner: "finance",
  severity: "low",
  bucket: "explained",
  acceptance: "never",
  raises: false,
  resolution: "Nothing to do: gross is compared, net and tax are known on one side only.",
  manual:
    "Orders with external prices, payment lists and the like state a gross amount only. The gross is reconciled to the cent; what the other side states as net and tax is shown here, so that the bridge adds up.",
  residual: (work) => work.pairs.flatMap(claimFor),
});

function claimFor(pair: WorkPair): readonly Claim[] {
  if (pair.cells.length === 0) return [];
  const blind = [...pair.scayle, ...pair.erp].some((line) => line.net === null || line.tax === null);
  const parts = pair.cells
    .map(({ period, amounts }) => ({ pairId: pair.id, period, amounts: { ...amounts, gross: 0n } }))
    .filter(({ amounts }) => amounts.net !== 0n || amounts.tax !== 0n);
  if (!blind || parts.length === 0) return [];
  return [
    {
      effect: { kind: "residual", parts },
      subject: { documentKind: pair.documentKind, sourceLine: pair.itemKey, documentNumber: null },
      explanation: "Net and tax are stated by one side only; gross is compared.",
      steps: [],
      signature: "tax-unknown",
    },
  ];
}
