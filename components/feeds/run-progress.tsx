import { durationText } from "@/components/ui/instant";
import type { RunProgress as Progress } from "@/lib/sync/run-progress";

/** How far a run is: a bar where its end is known, its rate, and the time left. */
export function RunProgress({
  progress: { perSecond, share, secondsLeft },
  found,
  expected,
  expectedFrom,
}: Readonly<{
  progress: Progress;
  found: number;
  expected: number | null;
  expectedFrom: string | null;
}>) {
  const percent = share === null ? null : Math.round(share * 100);
  const rate = perSecond === null ? "no record yet" : `${rateText(perSecond)} records a second`;
  const left =
    secondsLeft === null
      ? "time left unknown"
      : secondsLeft < 60
        ? `about ${Math.max(1, Math.round(secondsLeft))} s left`
        : `about ${durationText(secondsLeft * 1000)} left`;
  return (
    <div className="flex flex-col gap-1.5">
      {percent !== null && (
        <div
          role="progressbar"
          aria-label="Records found of those expected"
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
          className="h-2 overflow-hidden rounded-full bg-sunken"
        >
          <div className="h-full bg-explained" style={{ width: `${Math.max(1, percent)}%` }} />
        </div>
      )}
      <p className="figures text-sm text-soft">
        {found.toLocaleString("en")}
        {expected !== null && expected >= found && ` of about ${expected.toLocaleString("en")}`} · {rate} ·{" "}
        {left}
        {secondsLeft !== null && expectedFrom === "history" && ", if it finds as many as its last readings"}
      </p>
    </div>
  );
}

/** "0.4", "12", "1,840". */
export const rateText = (perSecond: number): string =>
  perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString("en");
