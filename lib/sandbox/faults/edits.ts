import { add, type Figures, NOTHING, negate } from "@/lib/sandbox/arithmetic";
import type { Variant } from "@/lib/sandbox/catalogue";
import type { ErpDocument, ErpLine, FaultName, SandboxOrder } from "@/lib/sandbox/model";
import { taxLines, type UntaxedLine } from "@/lib/sandbox/postings";
import type { Random } from "@/lib/sandbox/random";

/** One way in which a document of the ERP is wrong: what some of its lines are instead, null where they are not there. */
export type Edit = {
  cause: FaultName;
  /** By the line's place in the correct document. */
  changes: ReadonlyMap<number, UntaxedLine | null>;
  /** correct − actual where that is not what the ERP's own lines say, e.g. the figures of a fee that only SCAYLE has. */
  missing?: Figures;
};

/** A correct document, and where on it nothing is wrong yet. */
export type Site = {
  order: SandboxOrder;
  document: ErpDocument;
  taken: ReadonlySet<number>;
  random: Random;
  catalogue: readonly Variant[];
};

/** Finds a place for one kind of fault on a document, or null where it can't be planted unambiguously. */
export type EditMaker = (site: Site) => Edit | null;

type Slot = ErpLine | null;

/** The document's lines with the edits, taxed again as the ERP does, each in its old place. */
function slotsWith(document: ErpDocument, edits: readonly Edit[]): Slot[] {
  const wanted = document.lines.map((line, index) => {
    const edit = edits.find((one) => one.changes.has(index));
    return edit ? (edit.changes.get(index) ?? null) : line;
  });
  const taxed = taxLines(wanted.filter((line) => line !== null));
  let next = 0;
  return wanted.map((line) => {
    if (line === null) return null;
    next += 1;
    return taxed[next - 1] ?? null;
  });
}

const sameFigures = (one: Slot | undefined, other: Slot | undefined): boolean =>
  one?.net === other?.net && one?.tax === other?.tax && one?.gross === other?.gross;

function subsetsOf([first, ...rest]: readonly Edit[]): Edit[][] {
  if (!first) return [[]];
  return subsetsOf(rest).flatMap((some) => [some, [first, ...some]]);
}

/**
 * Whether each edit keeps to its own lines, alone and together with any of the others: the ERP rounds once per document
 * and rate, so an edit can move a cent of another line, and then nobody could say whose cent it is.
 */
export function isAdditive(document: ErpDocument, edits: readonly Edit[]): boolean {
  const touched = edits.flatMap((edit) => [...edit.changes.keys()]);
  if (new Set(touched).size < touched.length) return false;
  const alone = new Map(edits.map((edit) => [edit, slotsWith(document, [edit])]));
  return subsetsOf(edits).every((some) =>
    slotsWith(document, some).every((slot, index) => {
      const edit = some.find((one) => one.changes.has(index));
      return sameFigures(slot, edit ? alone.get(edit)?.[index] : document.lines[index]);
    }),
  );
}

/** The document as the ERP posted it with the edits. */
export function withEdits(document: ErpDocument, edits: readonly Edit[]): ErpDocument {
  return { ...document, lines: slotsWith(document, edits).filter((line) => line !== null) };
}

/** SCAYLE − ERP because of one edit: correct − actual of the lines it changes, turned on credit memos. */
export function amountOf(document: ErpDocument, edit: Edit): Figures {
  const actual = slotsWith(document, [edit]);
  const lines = [...edit.changes.keys()];
  const correct = add(NOTHING, ...lines.map((index) => document.lines[index] ?? NOTHING));
  const posted = add(NOTHING, ...lines.map((index) => actual[index] ?? NOTHING));
  const difference = edit.missing ?? add(correct, negate(posted));
  return document.kind === "sale" ? difference : negate(difference);
}

/** One edit of each maker on the document, on different lines, or null where they don't all find room. */
export function placeEdits(
  makers: readonly EditMaker[],
  site: Omit<Site, "taken">,
): readonly [Edit, ...Edit[]] | null {
  const edits: Edit[] = [];
  for (const make of makers) {
    const taken = new Set(edits.flatMap((edit) => [...edit.changes.keys()]));
    const edit = make({ ...site, taken });
    if (!edit) return null;
    edits.push(edit);
  }
  const [first, ...rest] = edits;
  return first && isAdditive(site.document, edits) ? [first, ...rest] : null;
}
