import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { Refusal } from "@/lib/domain/faults";
import { faultOf } from "./fault";
import { createHttpClient, type HttpClient, type HttpOptions } from "./http";
import { sleep } from "./sleep";

const START = Date.parse("2026-11-01T00:00:00Z");

type Answer = Readonly<{ status?: number; body?: string; headers?: Record<string, string> }> | Error;

/** A source that gives these answers in turn, and a clock that only sleeping moves. */
function scripted(answers: readonly Answer[], options: Partial<HttpOptions> = {}) {
  let time = START;
  const sleeps: number[] = [];
  const sentAt: number[] = [];
  const http = createHttpClient({
    fetch: async () => {
      const answer = answers[Math.min(sentAt.length, answers.length - 1)] ?? {};
      sentAt.push(time - START);
      if (answer instanceof Error) throw answer;
      return new Response(answer.body ?? "{}", {
        status: answer.status ?? 200,
        headers: answer.headers ?? {},
      });
    },
    now: () => new Date(time),
    sleep: async (milliseconds) => {
      sleeps.push(milliseconds);
      // What could go out goes out before time moves on.
      await new Promise(setImmediate);
      time += milliseconds;
    },
    random: () => 0,
    ...options,
  });
  return { http, sleeps, sentAt };
}

const ask = (http: HttpClient, url = "https://store.example/orders?token=hidden") =>
  http.send({
    url,
    scope: "orders",
    signal: new AbortController().signal,
    headers: { "X-Access-Token": "s3cret-token" },
  });

const failing = async (promise: Promise<unknown>): Promise<Refusal> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Refusal) return error;
  throw new Error(`expected a Refusal, got ${String(error)}`);
};

describe("an answer", () => {
  it("keeps decimals as texts and whole numbers as numbers, and tells the source's time", async () => {
    const { http } = scripted([
      {
        body: '{"a":19.90,"b":12,"c":12345678901234567890,"d":-0.005,"e":[1e2]}',
        headers: { date: "Sun, 01 Nov 2026 10:00:00 GMT" },
      },
    ]);
    const { body, sourceTime } = await ask(http);
    expect(body).toEqual({ a: "19.90", b: 12, c: "12345678901234567890", d: "-0.005", e: ["1e2"] });
    expect(sourceTime?.toISOString()).toBe("2026-11-01T10:00:00.000Z");
  });

  it("that isn't JSON is a fault that points at the base URL", async () => {
    const { http } = scripted([{ body: "<html>" }]);
    expect((await failing(ask(http))).message).toContain("not JSON");
  });

  it("larger than accepted is given up", async () => {
    const { http } = scripted([{ body: JSON.stringify("x".repeat(2000)) }], { bodyBytesMax: 1000 });
    expect(faultOf(await failing(ask(http)))?.kind).toBe("too-large");
  });

  it("that redirects is not followed, since the credentials would go along", async () => {
    const { http, sentAt } = scripted([
      { status: 302, body: "", headers: { location: "https://elsewhere.example" } },
    ]);
    expect(faultOf(await failing(ask(http)))?.kind).toBe("redirect");
    expect(sentAt.length).toBe(1);
  });
});

describe("a failing request", () => {
  it.each([408, 429, 500, 502, 503, 504])("is repeated after %i", async (status) => {
    const { http, sentAt } = scripted([{ status }, { status }, { body: '{"ok":true}' }]);
    expect((await ask(http)).body).toEqual({ ok: true });
    expect(sentAt.length).toBe(3);
  });

  it("is repeated after a network error, waiting longer each time", async () => {
    const { http, sleeps } = scripted([new TypeError("fetch failed"), new TypeError("fetch failed"), {}]);
    await ask(http);
    expect(sleeps).toEqual([500, 1000]);
  });

  it.each([400, 401, 403, 404, 409, 422])("is not repeated after %i", async (status) => {
    const { http, sentAt } = scripted([{ status }]);
    expect(faultOf(await failing(ask(http)))?.status).toBe(status);
    expect(sentAt.length).toBe(1);
  });

  it("ends after so many attempts and says how many", async () => {
    const { http } = scripted([{ status: 503 }], { attemptsMax: 3 });
    expect((await failing(ask(http))).message).toContain("answered 503 after 3 attempts");
  });

  it("says what the source said, and shows neither query nor token", async () => {
    const body = '{"errors":[{"errorKey":"NOPE","message":"The key s3cret-token is unknown."}]}';
    const { message } = await failing(ask(scripted([{ status: 401, body }]).http));
    expect(message).toContain("https://store.example/orders answered 401");
    expect(message).toContain("NOPE: The key … is unknown.");
    expect(message).not.toMatch(/hidden|s3cret/);
  });

  it("names the network's own reason", async () => {
    const cause = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    const { http } = scripted([new TypeError("fetch failed", { cause })], { attemptsMax: 1 });
    expect((await failing(ask(http))).message).toContain("ECONNREFUSED");
  });
});

describe("a rate limit", () => {
  it("is waited for as long as Retry-After says, in seconds or as a date", async () => {
    for (const after of ["7", new Date(START + 7000).toUTCString()]) {
      const { http, sentAt } = scripted([{ status: 429, headers: { "retry-after": after } }, {}]);
      await ask(http);
      expect(sentAt).toEqual([0, 7000]);
    }
  });

  it("is waited for until it resets when nothing remains, before it is run into", async () => {
    const spent = {
      "x-ratelimit-scope": "ordersRead",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "42",
    };
    const { http, sentAt } = scripted([{ headers: spent }, {}]);
    await ask(http);
    await ask(http);
    expect(sentAt).toEqual([0, 42_000]);
  });

  it("counts down what it knows to remain, so that requests side by side keep within it too", async () => {
    const two = { "x-ratelimit-remaining": "2", "x-ratelimit-reset": "30" };
    const { http, sentAt } = scripted([{ headers: two }, {}]);
    await ask(http);
    await Promise.all([ask(http), ask(http), ask(http)]);
    expect(sentAt.filter((at) => at === 0).length).toBe(3);
    expect(sentAt.filter((at) => at === 30_000).length).toBe(1);
  });

  it("of one kind of request doesn't hold up another", async () => {
    const spent = {
      "x-ratelimit-scope": "ordersRead",
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": "42",
    };
    const { http, sentAt } = scripted([{ headers: spent }, {}]);
    await ask(http);
    await http.send({
      url: "https://store.example/channels",
      scope: "other",
      signal: new AbortController().signal,
    });
    expect(sentAt).toEqual([0, 0]);
  });

  it("that asks for too long a wait is given up on", async () => {
    const { http, sleeps } = scripted([{ status: 429, headers: { "retry-after": "7200" } }]);
    expect((await failing(ask(http))).message).toContain("rate limit");
    expect(sleeps).toEqual([]);
  });
});

describe("a request that changes something", () => {
  const change = (http: HttpClient, more: Partial<Parameters<HttpClient["send"]>[0]> = { once: true }) =>
    http.send({
      url: "https://store.example/orders/1/refunds",
      method: "POST",
      scope: "orders",
      signal: new AbortController().signal,
      ...more,
    });

  it.each([408, 429, 500, 502, 503, 504])("is sent once when it is answered %i", async (status) => {
    const { http, sentAt } = scripted([{ status }, {}]);
    expect(faultOf(await failing(change(http)))).toMatchObject({ status, attempts: 1 });
    expect(sentAt).toEqual([0]);
  });

  it("is sent once when no answer comes", async () => {
    const { http, sentAt } = scripted([new TypeError("fetch failed"), {}]);
    expect(faultOf(await failing(change(http)))?.kind).toBe("network");
    expect(sentAt).toEqual([0]);
  });

  it.each(["PATCH", "PUT", "DELETE"] as const)("is one by its method: %s", async (method) => {
    const { http, sentAt } = scripted([{ status: 503 }, {}]);
    await failing(change(http, { method, attemptsMax: 5 }));
    expect(sentAt).toEqual([0]);
  });

  it("waits for its limit before it is sent, and those after it for what a 429 asked for", async () => {
    const spent = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "42" };
    const waiting = scripted([{ headers: spent }, {}]);
    await ask(waiting.http);
    await change(waiting.http);
    expect(waiting.sentAt).toEqual([0, 42_000]);
    const braked = scripted([{ status: 429, headers: { "retry-after": "9" } }, {}]);
    await failing(change(braked.http));
    await change(braked.http);
    expect(braked.sentAt).toEqual([0, 9_000]);
  });
});

describe("over a real connection", () => {
  let server: Server | null = null;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(listener: RequestListener): Promise<string> {
    const made = createServer(listener);
    server = made;
    await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
    const address = made.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;
  }
  const real = (options: Partial<HttpOptions> = {}): HttpClient =>
    createHttpClient({ fetch, now: () => new Date(), sleep, random: () => 0, attemptsMax: 1, ...options });

  it("a source that never ends its answer runs into the time-out", async () => {
    const url = await serve((_, response) => response.write("{"));
    expect(faultOf(await failing(ask(real({ timeoutMilliseconds: 100 }), url)))?.kind).toBe("timeout");
  });

  it("aborting stops a request under way with the reason given", async () => {
    const url = await serve(() => undefined);
    const stop = new AbortController();
    const asked = real().send({ url, scope: "orders", signal: stop.signal });
    const reason = new Error("stopped by hand");
    setTimeout(() => stop.abort(reason), 50);
    await expect(asked).rejects.toBe(reason);
  });

  it("aborting stops a wait", async () => {
    const url = await serve((_, response) => response.writeHead(429, { "retry-after": "60" }).end());
    const stop = new AbortController();
    const asked = real({ attemptsMax: 5 }).send({ url, scope: "orders", signal: stop.signal });
    setTimeout(() => stop.abort(new Error("stopped by hand")), 50);
    await expect(asked).rejects.toThrow("stopped by hand");
  });

  it("no more requests are under way than allowed", async () => {
    let underWay = 0;
    let most = 0;
    const url = await serve((_, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
        response.end("{}");
      }, 20);
    });
    const http = real({ concurrency: 3 });
    await Promise.all(Array.from({ length: 12 }, () => ask(http, url)));
    expect(most).toBe(3);
  });
});
