import { durationWords } from "@/lib/domain/duration";

/** How far a feed is behind its source, held against what it promises. */
export type Lag = Readonly<{
  state: "current" | "late" | "behind" | "never";
  /** seconds since the source time up to which an answer was confirmed; null: never confirmed */
  seconds: number | null;
  /** share of the promise that is used up, 0 to 1, for a bar */
  share: number;
  words: string;
}>;

/** Whether the newest change of a feed is stamped with a time to come: a source's clock or stamp is ahead, and it is no moment of a change. */
export const isAhead = (watermark: Date | null, now: Date): boolean => watermark !== null && watermark > now;

/**
 * A quiet night is not behind: the lag counts from the source time up to which an answer was confirmed, not from the
 * newest change. Within the promise it is current, up to twice the promise late, beyond that behind.
 */
export function lagOf(confirmedUntil: Date | null, promiseSeconds: number, now: Date): Lag {
  if (!confirmedUntil) return { state: "never", seconds: null, share: 1, words: "never confirmed" };
  const seconds = Math.max(0, Math.round((now.getTime() - confirmedUntil.getTime()) / 1000));
  const share = promiseSeconds <= 0 ? 1 : Math.min(1, seconds / promiseSeconds);
  const state = seconds <= promiseSeconds ? "current" : seconds <= 2 * promiseSeconds ? "late" : "behind";
  return { state, seconds, share, words: `${durationWords(seconds)} of ${durationWords(promiseSeconds)}` };
}
