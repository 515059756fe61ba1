import type { DataColumnMeta } from "./data-columns";

/** What of a column decides whether it has room. */
export type Fitted = Readonly<{
  meta?: DataColumnMeta | undefined;
  header?: unknown;
}>;

/** How wide columns are at least, in rem. */
export const widthOf = (columns: readonly Fitted[]): number =>
  columns.reduce((sum, { meta }) => sum + (meta?.width ?? 8), 0);

/**
 * The columns that have room side by side, in their own order: those without a priority always, of the others the first ones
 * first, and none after one that has no room. `left` names those that are left out.
 *
 * @param width of the table, in rem; null: not known yet, all are shown
 */
export function fittingColumns<Column extends Fitted>(
  columns: readonly Column[],
  width: number | null,
): Readonly<{ columns: Column[]; left: readonly string[] }> {
  if (width === null) return { columns: [...columns], left: [] };
  const priorityOf = ({ meta }: Column) => meta?.priority ?? 0;
  let room = width - widthOf(columns.filter((one) => priorityOf(one) === 0));
  const out = new Set<Column>();
  for (const one of [...columns]
    .filter((each) => priorityOf(each) > 0)
    .sort((a, b) => priorityOf(a) - priorityOf(b))) {
    room -= one.meta?.width ?? 8;
    if (room < 0) out.add(one);
  }
  return {
    columns: columns.filter((one) => !out.has(one)),
    left: [...out].map(({ header }) => (typeof header === "string" ? header : "")).filter(Boolean),
  };
}
