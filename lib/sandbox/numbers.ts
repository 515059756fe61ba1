import type {
  Affair,
  ErpDocument,
  NumberGap,
  PlantedFault,
  SummaryPosting,
  World,
} from "@/lib/sandbox/model";
import { makeRandom } from "@/lib/sandbox/random";

type Unnumbered = {
  affairs: readonly Affair[];
  summaries: readonly SummaryPosting[];
  planted: readonly PlantedFault[];
};
type Numbered = Pick<World, "affairs" | "summaries" | "planted" | "gaps">;

const prefixOf = (document: ErpDocument) => {
  const prefix = document.kind === "sale" ? "PSI" : "PSCM";
  return document.postedAt === null ? `${prefix}-D` : prefix;
};

const whenOf = (document: ErpDocument) => document.postedAt ?? document.draftedAt ?? 0;

/** The places of a series before which a number is left out, never its beginning: nobody could miss that. */
function placesOfGaps(seed: number, series: string, length: number, count: number): ReadonlySet<number> {
  const random = makeRandom(seed, "gaps", series);
  const places = new Set<number>();
  // A third of a series lies in the months before the world's end, where a gap can be seen.
  while (places.size < Math.min(count, Math.floor(length / 6)))
    places.add(random.integer(1, Math.floor(length / 3)));
  return places;
}

/**
 * Numbers the documents in the order of posting, one series per company and kind: without gaps at any instant, but for
 * as many numbers of each series of posted documents as are to be missing. Rows of the truth get the numbers too.
 */
export function numbered(
  { affairs, summaries, planted }: Unnumbered,
  { seed, gaps }: { seed: number; gaps: number },
): Numbered {
  const series = new Map<string, ErpDocument[]>();
  const all = [...affairs.flatMap((one) => one.documents), ...summaries.map((one) => one.document)];
  for (const document of all) {
    const key = `${document.entity}/${prefixOf(document)}`;
    const others = series.get(key);
    if (others) others.push(document);
    else series.set(key, [document]);
  }
  const numbers = new Map<string, string>();
  const missing: NumberGap[] = [];
  for (const [key, documents] of series) {
    documents.sort((one, other) => whenOf(one) - whenOf(other) || (one.id < other.id ? -1 : 1));
    const left = placesOfGaps(seed, key, documents.length, key.endsWith("-D") ? 0 : gaps);
    let last = 100_000;
    documents.forEach((document, place) => {
      const prefix = prefixOf(document);
      if (left.has(place)) {
        last += 1;
        missing.push({ entity: document.entity, kind: document.kind, number: `${prefix}-${last}` });
      }
      last += 1;
      numbers.set(document.id, `${prefix}-${last}`);
    });
  }
  const withNumber = (document: ErpDocument) => ({ ...document, number: numbers.get(document.id) ?? "" });
  return {
    affairs: affairs.map(({ order, documents }) => ({ order, documents: documents.map(withNumber) })),
    summaries: summaries.map((one) => ({ ...one, document: withNumber(one.document) })),
    planted: planted.map((fault) =>
      fault.erpDocument === undefined
        ? fault
        : { ...fault, erpDocument: numbers.get(fault.erpDocument) ?? fault.erpDocument },
    ),
    gaps: missing,
  };
}
