import { dayIn, type Month, monthOf } from "@/lib/domain/day";
import type { GroupLine } from "@/lib/domain/group";
import { type Claim, defineCause } from "./contract";
import { microOf } from "./numbers";
import { erpName, figures } from "./words";
import { compareText, documentOf, onePeriodOf, sum, type Work, type WorkPair } from "./work";

export const cutOff = defineCause({
  code: "cut-off",
  title: "Cut-off",
  meaning: "Both sides have it, in different periods.",
  defaultOwner: "finance",
  severity: "medium",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  resolution: "Accept as timing: the two periods cancel each other out.",
  manual:
    "SCAYLE's sale or credit falls in one month of the entity's time zone, the ERP's posting date in another. One exception carries two amounts, plus in SCAYLE's period and minus in the ERP's. Common around midnight at a month's end. It clears itself: once the later of its months is over, both amounts are there, and nothing is left to do.",
  pairs: (work) => {
    const moved = work.pairs.flatMap(movedLines);
    const documents = [...new Set(moved.map(({ from }) => from.documentId))].sort(compareText);
    return documents.flatMap((id) =>
      claimOf(
        work,
        moved.filter(({ from }) => from.documentId === id),
      ),
    );
  },
});

type Move = Readonly<{ from: GroupLine; to: GroupLine }>;

/** ERP lines whose SCAYLE units fall in another period, as they would stand there. */
function movedLines(pair: WorkPair): readonly Move[] {
  if (pair.scayle.length === 0 || pair.erp.length === 0 || onePeriodOf(pair) !== null) return [];
  const periods = new Set(pair.scayle.map((line) => line.period));
  const only = pair.scayle[0];
  if (periods.size === 1 && only) {
    return pair.erp.filter((line) => line.period !== only.period).map((line) => moveTo(line, only));
  }
  return pair.kind === "item" ? allocated(pair) : [];
}

const moveTo = (line: GroupLine, target: GroupLine): Move => ({
  from: line,
  to: { ...line, period: target.period, day: target.day },
});

/** Units of several periods: each ERP line takes units of its own period first, then the oldest that are left. */
function allocated(pair: WorkPair): readonly Move[] {
  const free = [...pair.scayle];
  const take = (wanted: number, fits: (line: GroupLine) => boolean): GroupLine[] | null => {
    const taken = free.filter(fits).slice(0, wanted);
    if (taken.length < wanted) return null;
    for (const line of taken) free.splice(free.indexOf(line), 1);
    return taken;
  };
  const staying = new Set(
    pair.erp.filter((line) => take(unitsOf(line), (one) => one.period === line.period) !== null),
  );
  return pair.erp
    .filter((line) => !staying.has(line))
    .flatMap((line) => {
      const first = free[0];
      const units = first ? take(unitsOf(line), (one) => one.period === first.period) : null;
      return first && units && first.period !== line.period ? [moveTo(line, first)] : [];
    });
}

const unitsOf = (line: GroupLine): number => Math.abs(microOf(line.quantity)) / 1_000_000;

function claimOf(work: Work, moves: readonly Move[]): readonly Claim[] {
  const first = moves[0];
  const document = first ? documentOf(work, first.from) : null;
  if (!first || !document) return [];
  const total = figures(sum(moves.map(({ from }) => from)), first.from.currency);
  const periods = [...new Set(moves.map(({ to }) => to.period))].sort();
  const targets = periods.join(", ");
  const isOver = areOver(work, [...periods, ...moves.map(({ from }) => from.period)]);
  return [
    {
      effect: { kind: "correct", lines: moves.map(({ to }) => to) },
      subject: {
        documentKind: document.kind,
        sourceLine: document.sourceId,
        documentNumber: document.number,
      },
      explanation: `SCAYLE counts this ${document.kind} in ${targets}; the ERP posted ${erpName(document)} on ${document.postingDay ?? "another day"}, in ${first.from.period}: ${total}.`,
      steps: moves.map(
        ({ from, to }) => `${from.sku ?? from.description ?? from.kind}: SCAYLE ${to.day}, ERP ${from.day}.`,
      ),
      signature: `${first.from.period} ${targets}`,
      bucket: isOver ? "explained" : "open",
    },
  ];
}

/** Whether all these months are over as of the reconciliation, in the entity's time zone: both amounts are in the books. */
function areOver({ group }: Work, periods: readonly Month[]): boolean {
  const now = monthOf(dayIn(group.asOf, group.settings.recognition.timeZone));
  return periods.every((period) => period < now);
}
