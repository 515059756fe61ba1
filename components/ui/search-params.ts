/** What Next hands a page as `searchParams`. */
export type SearchParams = Readonly<Record<string, string | string[] | undefined>>;

/** One value of a parameter that may come several times: the first. */
export const oneParam = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/** The query of the current address with some members changed (null removes one), as "?…" or "". */
export function withParams(
  current: URLSearchParams | Readonly<SearchParams>,
  changes: Readonly<Record<string, string | null>>,
): string {
  const params = new URLSearchParams(
    current instanceof URLSearchParams ? current : Object.entries(current).flatMap(pairsOf),
  );
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") params.delete(name);
    else params.set(name, value);
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

const pairsOf = ([name, value]: [string, string | string[] | undefined]): [string, string][] =>
  value === undefined ? [] : [value].flat().map((one) => [name, one]);
