const MARK = "group:";

/** A group as a place that keys go to: no id of a row looks like it. */
export const groupPlace = (key: string): string => `${MARK}${key}`;

export const isGroupPlace = (place: string | null): boolean => place?.startsWith(MARK) ?? false;

/** All places of a grouped list from top to bottom: each group, and the rows of the one that is expanded under it. */
export function placesOf(
  groups: readonly Readonly<{ key: string }>[] | null,
  expanded: string | undefined,
  rows: readonly string[],
): readonly string[] {
  if (groups === null) return rows;
  return groups.flatMap(({ key }) => [groupPlace(key), ...(key === expanded ? rows : [])]);
}
