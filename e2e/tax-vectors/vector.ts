import { Decimal } from "decimal.js";
import { z } from "zod";
import type { TaxRule } from "@/lib/domain/tax/exact";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { type Rate, rateOf } from "@/lib/domain/tax/rate";

/** One case of a public suite, as it lies beside the project. */
export const Vector = z.object({
  id: z.string(),
  kind: z.string(),
  note: z.string().optional(),
  remainder_policy: z.string().optional(),
  input: z.record(z.string(), z.unknown()),
  expected: z.unknown(),
});
export type Vector = z.infer<typeof Vector>;

/** Either the named policy by which the twin recomputed the case, with what did not agree; or why it is not the twin's to compute. */
export type Outcome =
  | Readonly<{ policy: string; compared: number; wrong: readonly string[] }>
  | Readonly<{ outOfScope: string }>;

export type Adapter = (vector: Vector) => Outcome;

export const Text = z.union([z.string(), z.number()]);
export type Text = z.infer<typeof Text>;

/** A decimal text in units of 10^-decimals, exactly. Throws where it has more decimals: nothing is rounded on the way in. */
export function at(text: Text, decimals = 2): bigint {
  const units = new Decimal(text).times(new Decimal(10).pow(decimals));
  if (!units.isInteger()) throw new RangeError(`${text} has more than ${decimals} decimals`);
  return BigInt(units.toFixed(0));
}

/** 8.25 → 8.25 %. */
export const percent = (text: Text): Rate =>
  rateOf(new Decimal(String(text).replace("%", "").trim()).div(100));

/** "0.05" or "5%". */
export const fraction = (text: Text): Rate =>
  String(text).endsWith("%") ? percent(text) : rateOf(new Decimal(text));

export const ON_TOP: TaxRule = { mode: "half-up", basis: "net", first: "tax" };
export const TAX_FIRST: TaxRule = { mode: "half-up", basis: "gross", first: "tax" };
export const NET_FIRST: TaxRule = { mode: "half-up", basis: "gross", first: "net" };
export const ruleFor = (included: boolean): TaxRule => (included ? TAX_FIRST : ON_TOP);
export const policyAt = (level: RoundingPolicy["level"], rule: TaxRule): RoundingPolicy => ({
  ...rule,
  level,
});

/** Gathers comparisons under a policy. What the case does not state is not compared; a case that states nothing is a fault of its adapter. */
export class Check {
  private compared = 0;
  private readonly wrong: string[] = [];
  private readonly policy: string;

  constructor(policy: string) {
    this.policy = policy;
  }

  is(name: string, got: bigint, expected: Text | null | undefined, decimals = 2): this {
    if (expected === undefined || expected === null) return this;
    this.compared += 1;
    const wanted = at(expected, decimals);
    if (got !== wanted) this.wrong.push(`${name}: ${got} instead of ${wanted}`);
    return this;
  }

  are(name: string, got: readonly bigint[], expected: readonly Text[], decimals = 0): this {
    this.is(`${name}, how many`, BigInt(got.length), expected.length, 0);
    got.forEach((one, index) => {
      this.is(`${name} ${index}`, one, expected[index], decimals);
    });
    return this;
  }

  says(name: string, got: unknown, expected: unknown): this {
    if (expected === undefined) return this;
    this.compared += 1;
    if (got !== expected) this.wrong.push(`${name}: ${String(got)} instead of ${String(expected)}`);
    return this;
  }

  done(): Outcome {
    if (this.compared === 0) throw new Error("The case states nothing that was compared.");
    return { policy: this.policy, compared: this.compared, wrong: this.wrong };
  }
}

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

export const smaller = (a: bigint, b: bigint): bigint => (b < a ? b : a);
