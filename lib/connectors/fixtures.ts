import { httpRefusal } from "./fault";
import { createHttpClient, type HttpAnswer, type HttpClient } from "./http";
import { sleep } from "./sleep";

/** What a test makes of an answer: another body, or a fault that is thrown. The address is as people write it. */
export type Answered = (url: string, body: unknown) => unknown;

/** A client whose answers are changed on the way: what somebody did at the source without a trace. */
export function httpThrough(
  now: () => Date,
  change: Answered,
  around: (url: string, send: () => Promise<HttpAnswer>) => Promise<HttpAnswer> = (_, send) => send(),
): HttpClient {
  const http = createHttpClient({ fetch, now, sleep, random: Math.random, attemptsMax: 1 });
  return {
    now,
    send: (request) => {
      const url = decodeURIComponent(request.url).replaceAll("+", " ");
      return around(url, async () => {
        const answer = await http.send(request);
        return { ...answer, body: change(url, answer.body) };
      });
    },
  };
}

/** A source that answers with a status. */
export const answered = (status: number, address: string) =>
  httpRefusal({ kind: "status", status, address, sourceKey: null, sourceMessage: null, attempts: 1 });
