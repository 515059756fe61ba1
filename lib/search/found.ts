/** A record that a search finds, and where it is. */
export type FoundRecord = Readonly<{
  kind: "order" | "document" | "exception";
  /** of its kind, unique */
  id: string;
  label: string;
  /** what tells it from others that are called like it */
  detail: string;
  href: string;
}>;

/** What a search finds of all that the person may see: at most a few of each kind, the closest first. */
export type FoundRecords = Readonly<{
  records: readonly FoundRecord[];
  /** what was looked through, in words */
  among: string;
}>;
