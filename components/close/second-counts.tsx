import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import type { Tone } from "@/components/ui/tone";
import type { Named } from "@/lib/matching/proof/count-result";
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
}: Readonly<{ counts: readonly SecondCount[]; timeZone: string }>) {
  if (counts.length === 0) {
    return (
      <p className="p-4 text-sm text-soft">
        No system is read for this entity: files can’t be counted a second time.
      </p>
    );
  }
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
              <Records title="Missing here" named={count.result.missing} />
              <Records title="Here, but not at the source" named={count.result.surplus} />
              <Records title="Older here than at the source" named={count.result.stale} />
              <Records title="New or changed since the last sync" named={count.result.fresh} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Records({ title, named }: Readonly<{ title: string; named: Named }>) {
  if (named.count === 0) return null;
  const more = named.count - named.ids.length;
  return (
    <details>
      <summary>
        {title}: <span className="figures">{named.count.toLocaleString("en")}</span>
      </summary>
      <p className="break-words text-soft">
        {named.ids.join(", ")}
        {more > 0 && ` and ${more.toLocaleString("en")} more`}
      </p>
    </details>
  );
}
