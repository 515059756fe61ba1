/** How far a run is, as far as that can be known. */
export type RunProgress = Readonly<{
  /** records a second since it began; null before the first came */
  perSecond: number | null;
  /** 0 to 1; null where nobody knows how many there will be */
  share: number | null;
  /** seconds; null where nobody knows */
  secondsLeft: number | null;
}>;

type Counted = Readonly<{
  state: string;
  startedAt: Date;
  finishedAt: Date | null;
  found: number;
  expected: number | null;
}>;

/** Rate and time left of a run, from what it has found and what it expects to find. Of one that ended only its rate. */
export function progressOf(
  { state, startedAt, finishedAt, found, expected }: Counted,
  now: Date,
): RunProgress {
  const seconds = Math.max(0.001, ((finishedAt ?? now).getTime() - startedAt.getTime()) / 1000);
  const perSecond = found === 0 ? null : found / seconds;
  if (state !== "running" || expected === null || expected < found) {
    return { perSecond, share: null, secondsLeft: null };
  }
  const secondsLeft = perSecond === null ? null : (expected - found) / perSecond;
  return { perSecond, share: expected === 0 ? 1 : found / expected, secondsLeft };
}
