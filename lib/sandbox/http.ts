import type { IncomingMessage } from "node:http";
import type { Json } from "@/lib/sandbox/scayle-item";

export type Call = {
  method: string;
  /** The path as it came, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: string;
  /** scheme://host the client used. */
  origin: string;
  /** The sandbox's clock. */
  at: number;
};

export type Reply = {
  status: number;
  body: Json;
  headers?: Record<string, string>;
  /** The connection is cut before the answer goes out. */
  cut?: boolean;
};

/** A window of time in which a client has so many requests. */
export type Allowance = {
  limit: number;
  take(): { allowed: boolean; remaining: number; resetSeconds: number };
};

/** Counts requests in fixed windows of real time; the sandbox's own clock may stand still. */
export function makeAllowance(limit: number, windowMilliseconds: number, elapsed: () => number): Allowance {
  let [startedAt, used] = [elapsed(), 0];
  return {
    limit,
    take: () => {
      const now = elapsed();
      if (now - startedAt >= windowMilliseconds) [startedAt, used] = [now, 0];
      used += 1;
      const resetSeconds = Math.max(1, Math.ceil((startedAt + windowMilliseconds - now) / 1000));
      return { allowed: used <= limit, remaining: Math.max(0, limit - used), resetSeconds };
    },
  };
}

/** A refusal on its way to the client in the words of the system that is asked. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const LARGEST_BODY = 65_536;

/** The body of a request as text; refuses what no client of the sandbox would send. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LARGEST_BODY) throw new Refused(413, "BadRequest", "The request is too large.");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The segments of a path, decoded; refuses broken percent-encoding. */
export function segmentsOf(path: string): string[] {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    throw new Refused(400, "BadRequest", "The address is not encoded correctly.");
  }
}

/** A body as JSON; refuses what is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(400, "INVALID_REQUEST", "The body is not JSON.");
  }
}
