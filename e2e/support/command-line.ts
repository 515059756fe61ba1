import { spawnSync } from "node:child_process";

/** What the command line answers for the books that the server shows: the screen is held against it. */
export function tieout<Answer>(...words: readonly string[]): Answer {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["lib/cli/tieout.mjs", ...words, "--json"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`tieout ${words.join(" ")} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Answer;
}

type Figures = Readonly<{ net: string; tax: string; gross: string }>;

/** `tieout summary`, as far as these tests look at it. */
export type Summaries = Readonly<{
  summaries: readonly Readonly<{
    entity: string;
    currency: string;
    scayle: Figures;
    erp: Figures;
    unexplained: Figures;
    causes: readonly (Figures & Readonly<{ cause: string; count: number }>)[];
    tiesOut: boolean;
  }>[];
}>;

/** `tieout exceptions`, as far as these tests look at it. */
export type Exceptions = Readonly<{
  exceptions: readonly (Figures &
    Readonly<{
      id: string;
      order: string | null;
      orderId: string | null;
      document: string | null;
      cause: string;
      currency: string;
      explanation: string;
      resolution: string;
      evidence: Readonly<{
        lines: readonly Readonly<{ side: "scayle" | "erp"; label: string | null }>[];
        steps: readonly string[];
        documents: readonly Readonly<{ side: "scayle" | "erp"; number: string | null }>[];
      }>;
    }>)[];
}>;

/** Minor units as the screens write them in currencies of two decimals: "−1,234.05". */
export function amountText(minor: bigint | string, signed = false): string {
  const value = BigInt(minor);
  const digits = String(value < 0n ? -value : value).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = value < 0n ? "−" : signed && value > 0n ? "+" : "";
  return `${sign}${whole}.${digits.slice(-2)}`;
}
