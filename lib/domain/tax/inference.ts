import type { Minor } from "../money";
import type { RoundingPolicy } from "./policy";
import { recomputed, reproduces, type StatedLine } from "./reproduce";

/** A document to infer from; `lines` is null where a tax or a rate is unknown. */
export type StatedDocument = Readonly<{
  number: string;
  reference: string | null;
  currency: string;
  /** null: the document doesn't say; the policy's own basis holds */
  pricesIncludeTax: boolean | null;
  lines: readonly StatedLine[] | null;
}>;

/** A document that a policy does not reproduce. Taxes in minor units. */
export type CounterExample = Readonly<{
  number: string;
  reference: string | null;
  currency: string;
  stated: Minor;
  recomputed: Minor;
}>;

export type Candidate = Readonly<{
  policy: RoundingPolicy;
  /** documents that it reproduces */
  reproduced: number;
  /** documents that tell it from the best: exactly one of the two reproduces them */
  apart: number;
  examples: readonly CounterExample[];
}>;

/** What a population of documents says of how its system rounds. */
export type Inference = Readonly<{
  /** documents that say something: every tax and rate known, some tax in it */
  documents: number;
  /** documents with an unknown tax or rate */
  unknown: number;
  /** documents without any tax: every policy makes them */
  untaxed: number;
  /** the best first; among equals the order of the candidates */
  candidates: readonly Candidate[];
}>;

const EXAMPLES = 10;

/** With the basis that a document itself states. */
export const withBasis = (policy: RoundingPolicy, pricesIncludeTax: boolean | null): RoundingPolicy =>
  pricesIncludeTax === null ? policy : { ...policy, basis: pricesIncludeTax ? "gross" : "net" };

/**
 * Holds candidate policies against a population, document by document: memory grows with the number of candidates, not
 * of documents. Takes up to 30 candidates.
 */
export class PolicyTally {
  private readonly candidates: readonly RoundingPolicy[];
  private readonly examples: CounterExample[][];
  /** how many documents are reproduced by exactly this set of candidates (a bit each) */
  private readonly sets = new Map<number, number>();
  private unknown = 0;
  private untaxed = 0;

  constructor(candidates: readonly RoundingPolicy[]) {
    if (candidates.length > 30) throw new RangeError("More than 30 candidates can't be told apart here.");
    this.candidates = candidates;
    this.examples = candidates.map(() => []);
  }

  add(document: StatedDocument): void {
    const { lines } = document;
    if (!lines || lines.length === 0) this.unknown += 1;
    else if (lines.every((line) => line.tax === 0n)) this.untaxed += 1;
    else this.hold(document, lines);
  }

  private hold(document: StatedDocument, lines: readonly StatedLine[]): void {
    let set = 0;
    this.candidates.forEach((candidate, index) => {
      const policy = withBasis(candidate, document.pricesIncludeTax);
      if (reproduces(lines, policy)) set += 2 ** index;
      else this.keep(index, document, lines, policy);
    });
    this.sets.set(set, (this.sets.get(set) ?? 0) + 1);
  }

  private keep(
    index: number,
    { number, reference, currency }: StatedDocument,
    lines: readonly StatedLine[],
    policy: RoundingPolicy,
  ): void {
    const kept = this.examples[index];
    if (!kept || kept.length >= EXAMPLES) return;
    const stated = lines.reduce((sum, line) => sum + line.tax, 0n);
    kept.push({ number, reference, currency, stated, recomputed: recomputed(lines, policy) });
  }

  result(): Inference {
    const count = (wanted: (set: number) => boolean): number =>
      [...this.sets].reduce((sum, [set, documents]) => (wanted(set) ? sum + documents : sum), 0);
    const has = (set: number, index: number): boolean => Math.floor(set / 2 ** index) % 2 === 1;
    const ranked = this.candidates
      .map((policy, index) => ({
        index,
        policy,
        reproduced: count((set) => has(set, index)),
        examples: this.examples[index] ?? [],
      }))
      .sort((a, b) => b.reproduced - a.reproduced || a.index - b.index);
    const best = ranked[0]?.index ?? 0;
    return {
      documents: count(() => true),
      unknown: this.unknown,
      untaxed: this.untaxed,
      candidates: ranked.map(({ index, ...candidate }) => ({
        ...candidate,
        apart: count((set) => has(set, best) !== has(set, index)),
      })),
    };
  }
}

/** The best of the candidates that at least one document tells from the best: the only kind of runner-up that says something. */
export const runnerUp = ({ candidates }: Pick<Inference, "candidates">): Candidate | null =>
  candidates.find((one) => one.apart > 0) ?? null;

/** Candidates that make exactly the documents that the best makes: this population can't tell them apart. */
export const asGood = ({ candidates }: Pick<Inference, "candidates">): readonly Candidate[] =>
  candidates.slice(1).filter((one) => one.apart === 0);
