import type { GroupDocument } from "@/lib/domain/group";
import { defineCause } from "./contract";
import { erpName } from "./words";
import {
  compareText,
  covers,
  erpDocuments,
  excess,
  likeness,
  linesOf,
  type PostedDocument,
  units,
  type Work,
  workOf,
} from "./work";

/** An ERP document that the ERP itself took back: it nets to nothing, at most between periods. */
export const reversedInErp = defineCause({
  code: "reversed-in-erp",
  title: "Reversed in the ERP",
  meaning:
    "An ERP document was taken back in full: an invoice that SCAYLE has no sale for by a memo that names it, or a document that the ERP itself calls cancelled.",
  defaultOwner: "finance",
  severity: "low",
  bucket: "explained",
  acceptance: "never",
  raises: false,
  resolution: "Nothing to do: the two documents net to zero.",
  manual:
    "A wrong or doubled invoice and the credit memo that reverses it. Together they are nothing; where they stand in different months, each month carries its part.",
  structure: (work) =>
    reversals(work).map(([reversed, by]) => ({
      effect: { kind: "aside", lineIds: [...reversed.lines, ...by.lines].map((line) => line.id) },
      subject: {
        documentKind: reversed.document.kind,
        sourceLine: reversed.document.sourceId,
        documentNumber: reversed.document.number,
      },
      explanation: `${erpName(by.document)} reverses ${erpName(reversed.document)} in full.`,
      steps: [],
      signature: "reversed",
    })),
});

type Reversal = readonly [reversed: PostedDocument, by: PostedDocument];

function reversals(work: Work): readonly Reversal[] {
  const found: Reversal[] = [];
  const gone = new Set<string>();
  if (linesOf(work, "erp", "credit").length === 0) return found;
  const restOf = (): Work =>
    workOf(
      work.group,
      work.lines.filter((line) => !gone.has(line.documentId)),
    );
  const take = (reversed: PostedDocument, by: PostedDocument): void => {
    found.push([reversed, by]);
    gone.add(reversed.document.id).add(by.document.id);
  };
  // An invoice that takes a credit memo back: the ERP says it by the states of both, or the invoice names the memo. First,
  // since what is taken back itself reverses nothing.
  for (const invoice of erpDocuments(restOf(), "sale")) {
    const { originalNumber } = invoice.document;
    if (originalNumber === null && !isCorrective(invoice.document)) continue;
    const memo = erpDocuments(restOf(), "credit").find(
      (one) =>
        areOpposites(one, invoice) &&
        (one.document.number === originalNumber ||
          (isCorrective(invoice.document) && isCanceled(one.document))),
    );
    if (memo) take(memo, invoice);
  }
  // What the ERP itself calls the correction goes before a memo that names the same invoice for goods that came back.
  const memos = erpDocuments(restOf(), "credit");
  const inOrder = [
    ...memos.filter(({ document }) => isCorrective(document)),
    ...memos.filter(({ document }) => !isCorrective(document)),
  ];
  for (const memo of inOrder) {
    if (memo.document.originalNumber === null) continue;
    const rest = restOf();
    const invoice = erpDocuments(rest, "sale").find((one) => reverses(rest, memo, one));
    if (invoice) take(invoice, memo);
  }
  return found.sort(([a], [b]) => compareText(a.document.number, b.document.number));
}

/** Whether the ERP itself says that a document was taken back by another. */
export const isCanceled = ({ status }: Pick<GroupDocument, "status">): boolean =>
  /^cancell?ed$/i.test(status ?? "");
/** Whether the ERP itself says that a document takes another one back. */
export const isCorrective = ({ status }: Pick<GroupDocument, "status">): boolean =>
  /^corrective$/i.test(status ?? "");

const areOpposites = (one: PostedDocument, other: PostedDocument): boolean =>
  one.document.connectionId === other.document.connectionId && likeness(one.lines) === likeness(other.lines);

function reverses(work: Work, memo: PostedDocument, invoice: PostedDocument): boolean {
  if (memo.document.originalNumber === null || memo.document.originalNumber !== invoice.document.number)
    return false;
  if (!areOpposites(memo, invoice)) return false;
  // What the ERP itself calls cancelled is no sale any more, also where SCAYLE has one: that is then missing.
  if (work.group.order === null || isCanceled(invoice.document)) return true;
  if (!covers(excess(work, "credit"), units(memo.lines))) return false;
  return covers(excess(work, "sale"), units(invoice.lines)) || isPostedAgain(work, invoice);
}

/** Whether the same goods were posted once more: then the memo takes the first invoice back, whatever else of it is wrong. */
function isPostedAgain(work: Work, invoice: PostedDocument): boolean {
  const goods = goodsOf(invoice);
  return (
    goods !== "" &&
    erpDocuments(work, "sale").some(
      (one) => one.document.id !== invoice.document.id && goodsOf(one) === goods,
    )
  );
}

const goodsOf = ({ lines }: PostedDocument): string =>
  [...units(lines)]
    .map(([key, quantity]) => `${key} ${quantity}`)
    .sort()
    .join("|");
