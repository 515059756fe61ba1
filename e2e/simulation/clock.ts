import type { Sleep } from "@/lib/connectors/http";

/** The simulation's time: nobody waits, and it never goes back. Our own clock may be off from the sources'. */
export type Clock = {
  /** the sources' time, in milliseconds */
  at: number;
  /** what our own clock is off by */
  skew: number;
  /** our time: of two looks the second is later */
  now(): Date;
  /** a moment that is later at each look */
  tick(): number;
  sleep: Sleep;
};

export function makeClock(start: number): Clock {
  let looks = 0;
  const clock: Clock = {
    at: start,
    skew: 0,
    now: () => new Date(clock.tick() + clock.skew),
    tick: () => {
      looks += 1;
      return clock.at + looks;
    },
    sleep: async (milliseconds, signal) => {
      signal.throwIfAborted();
      // Who waits side by side waits once.
      const until = clock.at + milliseconds;
      await Promise.resolve();
      clock.at = Math.max(clock.at, until);
      signal.throwIfAborted();
    },
  };
  return clock;
}
