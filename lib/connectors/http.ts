import { parseDecimalJson } from "./decimal-json";
import { addressOf, type HttpFault, httpRefusal, sourceErrorOf } from "./fault";
import { createPacing, type Lane, resetDelay, retryAfterDelay, type StatedLimit } from "./pacing";

/** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export type HttpRequest = Readonly<{
  url: string;
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** kind of request a rate limit may be bound to, like "orders" */
  scope: string;
  signal: AbortSignal;
  /** texts that must never show up in an error, beyond the credentials in the headers */
  secrets?: readonly string[];
  /** default: the client's own */
  attemptsMax?: number;
  /**
   * It changes something at the source: it is sent once, and whatever comes of it is for the caller, who looks before it is
   * sent again. PATCH, PUT and DELETE always are; a POST only says so here, since tokens and some reads are posted too.
   */
  once?: boolean;
}>;

export type HttpAnswer = Readonly<{
  /** origin and path that answered, for messages */
  address: string;
  status: number;
  headers: Headers;
  /** decimal-safe JSON: a number with decimals is its text; null for an empty body */
  body: unknown;
  /** the source's clock when it answered (header Date), or null */
  sourceTime: Date | null;
}>;

/** The one way to a source. Every answer below 300 is returned; everything else throws a Refusal with an HttpFault. */
export type HttpClient = Readonly<{
  send(request: HttpRequest): Promise<HttpAnswer>;
  now(): Date;
  /** What is left of the limit that is nearest to its end, of those that are stated below an address; null where none is. */
  rateLeft?(baseUrl: string): Readonly<{ remaining: number; limit: number }> | null;
  /** What was stated last of each limit by what answers below an address. */
  rateStated?(baseUrl: string): readonly StatedLimit[];
}>;

export type HttpOptions = Readonly<{
  fetch: typeof fetch;
  now: () => Date;
  sleep: Sleep;
  /** 0 ≤ x < 1, for jitter */
  random: () => number;
  concurrency?: number;
  timeoutMilliseconds?: number;
  attemptsMax?: number;
  /** a source that asks us to wait longer than this is given up on */
  waitMillisecondsMax?: number;
  bodyBytesMax?: number;
}>;

type Outcome = Readonly<{ answer: HttpAnswer }> | Readonly<{ fault: HttpFault; headers: Headers | null }>;
type Limits = Readonly<{ timeout: number; bytes: number; wait: number; attempts: number }>;

const REPEATABLE = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * The HTTP client of every connector. Time-outs per attempt; retries with jitter on 408, 429, 5xx and network errors
 * (never on 401 or 403: sources lock accounts); obeys Retry-After and X-RateLimit-*; follows no redirect, which would
 * carry credentials along. What changes something at the source is never repeated: it waits for its turn and for what the
 * source says of its limits, and is then sent once.
 */
export function createHttpClient(options: HttpOptions): HttpClient {
  const pacing = createPacing({
    concurrency: options.concurrency ?? 4,
    now: options.now,
    sleep: options.sleep,
  });
  const limits: Limits = {
    timeout: options.timeoutMilliseconds ?? 60_000,
    bytes: options.bodyBytesMax ?? 64 * 1024 * 1024,
    wait: options.waitMillisecondsMax ?? 15 * 60_000,
    attempts: options.attemptsMax ?? 7,
  };

  async function send(request: HttpRequest): Promise<HttpAnswer> {
    const lane: Lane = { origin: originOf(request.url), scope: request.scope };
    const attemptsMax = isSentOnce(request) ? 1 : (request.attemptsMax ?? limits.attempts);
    for (let attempt = 1; ; attempt += 1) {
      const leave = await pacing.enter(lane, request.signal);
      const outcome = await attemptOnce(request, attempt, options.fetch, limits).finally(leave);
      const headers = "answer" in outcome ? outcome.answer.headers : outcome.headers;
      if (headers) pacing.learn(lane, headers, request.url);
      if ("answer" in outcome) return outcome.answer;
      const isLast = !isRepeatable(outcome.fault) || attempt >= attemptsMax;
      const isBraked = outcome.fault.status === 429;
      if (isLast && !(isBraked && isSentOnce(request))) throw httpRefusal(outcome.fault);
      const wait = waitBefore(outcome.fault, headers, attempt, options);
      if (wait > limits.wait) throw httpRefusal(outcome.fault);
      if (isBraked) pacing.pause(lane, wait);
      // Not repeated, but what comes after it on its lane waits.
      if (isLast) throw httpRefusal(outcome.fault);
      await options.sleep(wait, request.signal);
    }
  }

  return { send, now: options.now, rateLeft: pacing.left, rateStated: pacing.stated };
}

const isSentOnce = ({ once, method }: HttpRequest): boolean =>
  once === true || method === "PATCH" || method === "PUT" || method === "DELETE";

const isRepeatable = ({ kind, status }: HttpFault): boolean =>
  kind === "network" ||
  kind === "timeout" ||
  (kind === "status" && status !== null && REPEATABLE.has(status));

/** What the source asks for, else doubling from one second to one minute, half of it jitter. */
function waitBefore(
  fault: HttpFault,
  headers: Headers | null,
  attempt: number,
  { now, random }: HttpOptions,
): number {
  const asked = headers ? retryAfterDelay(headers, now().getTime()) : null;
  const reset = headers && fault.status === 429 ? resetDelay(headers, now().getTime()) : null;
  const told = asked ?? reset;
  if (told !== null) return told + Math.round(random() * 250);
  const ceiling = Math.min(60_000, 1000 * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}

async function attemptOnce(
  request: HttpRequest,
  attempt: number,
  fetchNow: typeof fetch,
  limits: Limits,
): Promise<Outcome> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(request.signal.reason);
  request.signal.addEventListener("abort", onAbort, { once: true });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, limits.timeout);
  try {
    const response = await fetchNow(request.url, {
      method: request.method ?? "GET",
      headers: { accept: "application/json", ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: "manual",
      signal: stop.signal,
    });
    return outcomeOf(request, attempt, response, await readText(response, limits.bytes));
  } catch (error) {
    request.signal.throwIfAborted();
    const kind = timedOut ? "timeout" : "network";
    return {
      fault: faultWith(request, attempt, { kind, sourceMessage: networkWords(error) }),
      headers: null,
    };
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", onAbort);
  }
}

function outcomeOf(
  request: HttpRequest,
  attempt: number,
  { status, headers }: Response,
  text: string | null,
): Outcome {
  const failed = (fault: Partial<HttpFault>): Outcome => ({
    fault: faultWith(request, attempt, { status, ...fault }),
    headers,
  });
  if (status >= 300 && status < 400) return failed({ kind: "redirect" });
  if (text === null) return failed({ kind: "too-large" });
  const body = jsonOf(text);
  if (status >= 300) return failed({ kind: "status", ...sourceErrorOf(body === undefined ? null : body) });
  if (body === undefined) return failed({ kind: "not-json" });
  return {
    answer: {
      address: addressOf(request.url),
      status,
      headers,
      body,
      sourceTime: momentOf(headers.get("date")),
    },
  };
}

/** The body as text, or null when it is larger than accepted. */
async function readText(response: Response, bytesMax: number): Promise<string | null> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The parsed body, null when empty, undefined when it isn't JSON. */
function jsonOf(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return parseDecimalJson(text);
  } catch {
    return undefined;
  }
}

function faultWith(request: HttpRequest, attempts: number, fault: Partial<HttpFault>): HttpFault {
  const message = fault.sourceMessage ?? null;
  return {
    kind: "status",
    status: null,
    address: addressOf(request.url),
    sourceKey: null,
    attempts,
    ...fault,
    sourceMessage: message === null ? null : withoutSecrets(message, request),
  };
}

function withoutSecrets(text: string, request: HttpRequest): string {
  const credentials = Object.entries(request.headers ?? {})
    .filter(([name]) => /authorization|token|key|secret/i.test(name))
    .map(([, value]) => value.replace(/^(Bearer|Basic) /, ""));
  return [...credentials, ...(request.secrets ?? [])]
    .filter((secret) => secret.length > 3)
    .reduce((clean, secret) => clean.replaceAll(secret, "…"), text);
}

// fetch hides the reason ("fetch failed") one level down; its code (ECONNREFUSED, ENOTFOUND…) is what helps.
function networkWords(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : null;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return error instanceof Error && error.name !== "AbortError" ? error.message : null;
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    throw httpRefusal({
      kind: "unexpected",
      status: null,
      address: "(not an address)",
      sourceKey: null,
      sourceMessage: `"${addressOf(url)}" was asked for.`,
      attempts: 0,
    });
  }
}

function momentOf(text: string | null): Date | null {
  const moment = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(moment) ? null : new Date(moment);
}
