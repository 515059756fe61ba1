import { formatPlain } from "@/lib/domain/money";
import { amountCell } from "./cells";
import type { Profile } from "./profile";
import type { RowError } from "./row";
import type { Tally } from "./tally";

/** What a file says about itself in a line `#CONTROL;rows=…;net=…;tax=…;gross=…`. Each part is optional. */
export type Control = Readonly<{
  row: number;
  rows: number | null;
  net: string | null;
  tax: string | null;
  gross: string | null;
}>;

export const isControl = (cells: readonly string[]): boolean => /^#CONTROL\b/i.test((cells[0] ?? "").trim());

/** The control line's parts, whichever of the file's delimiter and ";" stands between them. */
export function readControl(row: number, cells: readonly string[]): Control {
  const parts = cells.flatMap((cell) => cell.split(";")).map((part) => part.trim().split("="));
  const part = (name: string): string | null =>
    parts.find(([key]) => key?.trim().toLowerCase() === name)?.[1]?.trim() ?? null;
  const rows = part("rows");
  return {
    row,
    rows: rows === null ? null : Number(rows),
    net: part("net"),
    tax: part("tax"),
    gross: part("gross"),
  };
}

/** Where the file isn't what its control line says. Sums are those of the file as written, credits with their file sign. */
export function controlErrors(
  control: Control,
  rows: number,
  tally: Tally,
  profile: Profile,
): readonly RowError[] {
  const currency = tally.currency();
  const errors: RowError[] = [];
  const fail = (found: string, expected: string): void => {
    errors.push({ row: control.row, column: "#CONTROL", found, expected });
  };
  if (control.rows !== null && control.rows !== rows) fail(`rows=${control.rows}`, `${rows} rows`);
  const stated = (["net", "tax", "gross"] as const).filter((name) => control[name] !== null);
  if (stated.length > 0 && tally.isMixed())
    fail(stated.join(", "), "no amounts: the file has more than one currency");
  else
    for (const name of stated) {
      const text = control[name] ?? "";
      const amount = amountCell(text, currency, profile);
      const sum = tally.sum(name);
      if ("expected" in amount) fail(`${name}=${text}`, amount.expected);
      else if (sum === null) fail(`${name}=${text}`, `no ${name}: some rows don't state it`);
      else if (sum !== amount.value) fail(`${name}=${text}`, formatPlain(sum, currency));
    }
  return errors;
}
