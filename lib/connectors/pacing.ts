import type { Sleep } from "./http";

/** Waits its turn before a request and learns from its answer. */
export type Pacing = Readonly<{
  /** Resolves when a request may go; call the result when it has ended. Rejects with the abort reason. */
  enter(lane: Lane, signal: AbortSignal): Promise<() => void>;
  /** Takes X-RateLimit-* of an answer into account; `url` is what answered. */
  learn(lane: Lane, headers: Headers, url: string): void;
  /** Nothing goes out on this lane for so long. */
  pause(lane: Lane, milliseconds: number): void;
  /** Of the limits that what answers below an address states, the one of which the least share is left; null where none is known. */
  left(baseUrl: string): Readonly<{ remaining: number; limit: number }> | null;
  /** What was stated last of each limit by what answers below an address, whether or not that is still so. */
  stated(baseUrl: string): readonly StatedLimit[];
}>;

/** A limit as its source stated it: how many calls in all and left, when it is renewed, and when that was said. */
export type StatedLimit = Readonly<{
  /** the source's own name for it, else the kind of request that was answered */
  scope: string;
  limit: number | null;
  remaining: number;
  resetAt: Date;
  statedAt: Date;
}>;

/** Where a rate limit holds: an origin, and what the caller calls the kind of request. */
export type Lane = Readonly<{ origin: string; scope: string }>;

type Limit = { remaining: number; resetAt: number; limit: number | null };

/**
 * Keeps requests within a source's limits: at most `concurrency` at a time per origin, none while the source says that
 * nothing remains. A source's own name for a limit (X-RateLimit-Scope) joins the lanes that share it.
 */
export function createPacing(
  options: Readonly<{ concurrency: number; now: () => Date; sleep: Sleep }>,
): Pacing {
  const limits = new Map<string, Limit>();
  const stated = new Map<string, Readonly<{ url: string; limit: StatedLimit }>>();
  const sourceScopes = new Map<string, string>();
  const inFlight = new Map<string, number>();
  const waiting = new Map<string, (() => void)[]>();

  const laneKey = ({ origin, scope }: Lane): string => `${origin} ${scope}`;
  const limitKey = (lane: Lane): string => sourceScopes.get(laneKey(lane)) ?? laneKey(lane);
  const time = (): number => options.now().getTime();

  const closedFor = (lane: Lane): number => {
    const limit = limits.get(limitKey(lane));
    if (!limit || limit.remaining > 0) return 0;
    return Math.max(0, limit.resetAt - time());
  };

  const leave = (lane: Lane): void => {
    inFlight.set(lane.origin, (inFlight.get(lane.origin) ?? 1) - 1);
    waiting.get(lane.origin)?.shift()?.();
  };

  const freeSlot = (origin: string, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const queue = waiting.get(origin) ?? [];
      waiting.set(origin, queue);
      const wake = (): void => {
        signal.removeEventListener("abort", give);
        resolve();
      };
      const give = (): void => {
        queue.splice(queue.indexOf(wake), 1);
        reject(signal.reason);
      };
      queue.push(wake);
      signal.addEventListener("abort", give, { once: true });
    });

  return {
    async enter(lane, signal) {
      for (;;) {
        signal.throwIfAborted();
        const closed = closedFor(lane);
        if (closed > 0) await options.sleep(closed, signal);
        else if ((inFlight.get(lane.origin) ?? 0) >= options.concurrency) await freeSlot(lane.origin, signal);
        else break;
      }
      inFlight.set(lane.origin, (inFlight.get(lane.origin) ?? 0) + 1);
      spend(limits, limitKey(lane), time());
      return () => leave(lane);
    },
    learn(lane, headers, url) {
      const scope = headers.get("x-ratelimit-scope");
      if (scope) sourceScopes.set(laneKey(lane), `${lane.origin} source:${scope}`);
      const remaining = countOf(headers.get("x-ratelimit-remaining"));
      const reset = resetDelay(headers, time());
      if (remaining === null || reset === null) return;
      const resetAt = time() + reset;
      stated.set(limitKey(lane), {
        url,
        limit: {
          scope: scope ?? lane.scope,
          limit: countOf(headers.get("x-ratelimit-limit")),
          remaining,
          resetAt: new Date(resetAt),
          statedAt: options.now(),
        },
      });
      const known = limits.get(limitKey(lane));
      // Answers overtake each other: within one window the lowest count holds.
      const sameWindow = known !== undefined && known.resetAt > time() && known.remaining < remaining;
      limits.set(limitKey(lane), {
        remaining: sameWindow && Math.abs(known.resetAt - resetAt) < 2_000 ? known.remaining : remaining,
        resetAt,
        limit: countOf(headers.get("x-ratelimit-limit")),
      });
    },
    pause(lane, milliseconds) {
      const { limit = null } = limits.get(limitKey(lane)) ?? {};
      limits.set(limitKey(lane), { remaining: 0, resetAt: time() + milliseconds, limit });
    },
    left(baseUrl) {
      let least: { remaining: number; limit: number } | null = null;
      for (const [key, { remaining, resetAt, limit }] of limits) {
        const url = stated.get(key)?.url;
        if (limit === null || limit <= 0 || resetAt <= time() || !url || !isBelow(url, baseUrl)) continue;
        const one = { remaining: Math.max(0, remaining), limit };
        if (least === null || one.remaining / limit < least.remaining / least.limit) least = one;
      }
      return least;
    },
    // Two systems may share an origin: by the address below it they are told apart.
    stated: (baseUrl) =>
      [...stated.values()].flatMap(({ url, limit }) => (isBelow(url, baseUrl) ? [limit] : [])),
  };
}

const isBelow = (url: string, baseUrl: string): boolean =>
  url === baseUrl || url.startsWith(`${baseUrl}/`) || url.startsWith(`${baseUrl}?`);

function spend(limits: Map<string, Limit>, key: string, time: number): void {
  const limit = limits.get(key);
  if (!limit) return;
  if (limit.resetAt <= time) limits.delete(key);
  else limit.remaining -= 1;
}

/** Milliseconds until the limit is renewed: X-RateLimit-Reset in seconds from now, or as a moment in epoch seconds. */
export function resetDelay(headers: Headers, time: number): number | null {
  const reset = countOf(headers.get("x-ratelimit-reset"));
  if (reset === null) return null;
  return Math.min(DAY, Math.max(0, reset > 1_000_000_000 ? reset * 1000 - time : reset * 1000));
}

/** Limits are per minute or hour: what is said to last longer than a day is no moment that anybody could keep. */
const DAY = 86_400_000;

/** Milliseconds that Retry-After asks for (seconds or an HTTP date); null when it says nothing readable. */
export function retryAfterDelay(headers: Headers, time: number): number | null {
  const text = headers.get("retry-after")?.trim();
  if (!text) return null;
  const seconds = countOf(text);
  if (seconds !== null) return seconds * 1000;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? null : Math.max(0, moment - time);
}

const countOf = (text: string | null): number | null =>
  text !== null && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : null;
