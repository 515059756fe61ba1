import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import type { Tone } from "@/components/ui/tone";
import type { Named, NamedRecord } from "@/lib/matching/proof/count-result";
import type { SecondCount } from "@/lib/matching/proof/proof";

const looks: Readonly<Record<SecondCount["state"], readonly [Tone, string]>> = {
  agrees: ["agrees", "Agrees"],
  differs: ["broken", "Differs"],
  unavailable: ["attention", "Could not be asked"],
  "not-asked": ["neutral", "Not asked yet"],
};

/** What each source said when it was counted again, and when. */
export function SecondCounts({
  counts,
  timeZone,
  resync,
}: Readonly<{
  counts: readonly SecondCount[];
  timeZone: string;
  /** what has a record of a feed read again; absent for who may not */
  resync?: ((feed: string, record: NamedRecord) => ReactNode) | undefined;
}>) {
  if (counts.length === 0) {
    return (
      <p className="p-4 text-sm text-soft">
        No system is read for this entity: files can’t be counted a second time.
      </p>
    );
  }
  const resyncOf = (feed: string) => resync && ((record: NamedRecord) => resync(feed, record));
  return (
    <ul aria-label="Second counts" className="flex flex-col">
      {counts.map((count) => (
        <li
          key={count.feed}
          className="flex flex-col gap-1 border-line border-b px-4 py-3 text-sm last:border-b-0"
        >
          <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
            <span className="font-medium">{count.feed}</span>
            <Badge tone={looks[count.state][0]}>{looks[count.state][1]}</Badge>
          </div>
          {count.result && (
            <p className="figures">
              The source counts {count.result.source.toLocaleString("en")}
              {count.result.stated !== null && ` (and states ${count.result.stated.toLocaleString("en")})`},
              here are {count.result.held.toLocaleString("en")}.
            </p>
          )}
          {count.method && (
            <p className="text-soft text-xs">
              {count.method}
              {count.askedAt && (
                <>
                  {" "}
                  · asked <Instant at={count.askedAt} timeZone={timeZone} />
                </>
              )}
            </p>
          )}
          {count.result && (
            <>
              <Records title="Missing here" named={count.result.missing} resync={resyncOf(count.feed)} />
              <Records
                title="Here, but not at the source"
                named={count.result.surplus}
                resync={resyncOf(count.feed)}
              />
              <Records
                title="Older here than at the source"
                named={count.result.stale}
                resync={resyncOf(count.feed)}
              />
              <Records
                title="New or changed since the last sync"
                named={count.result.fresh}
                resync={resyncOf(count.feed)}
              />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Records({
  title,
  named: { count, ids, records = [] },
  resync,
}: Readonly<{
  title: string;
  named: Named;
  resync: ((record: NamedRecord) => ReactNode) | undefined;
}>) {
  if (count === 0) return null;
  const more = count - ids.length;
  const rest = more > 0 && `and ${more.toLocaleString("en")} more`;
  return (
    <details>
      <summary>
        {title}: <span className="figures">{count.toLocaleString("en")}</span>
      </summary>
      {resync && records.length > 0 ? (
        <ul aria-label={title} className="flex flex-col">
          {records.map((record) => (
            <li
              key={`${record.kind} ${record.sourceId}`}
              className="flex flex-wrap items-start gap-x-3 border-line border-b py-1 last:border-b-0"
            >
              <span className="min-w-0 break-words py-1.5">{record.name}</span>
              {resync(record)}
            </li>
          ))}
          {rest && <li className="text-soft">{rest}</li>}
        </ul>
      ) : (
        <p className="break-words text-soft">
          {ids.join(", ")} {rest}
        </p>
      )}
    </details>
  );
}
