import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { businessCentralApi } from "@/lib/sandbox/bc-api";
import { SCAYLE_PATH } from "@/lib/sandbox/connections";
import { type Call, makeAllowance, Refused, type Reply, readBody } from "@/lib/sandbox/http";
import type { World } from "@/lib/sandbox/model";
import { scayleApi } from "@/lib/sandbox/scayle-api";

export type SandboxSettings = {
  world: World;
  /** The sandbox's clock, in milliseconds: what of the world exists. */
  now: () => number;
  /** 0: any free port. */
  port: number;
  /** SCAYLE requests per minute and scope. */
  scayleLimit?: number;
  /** Business Central requests per five minutes. */
  businessCentralLimit?: number;
  /** Real time in milliseconds, for rate limits and tokens; it goes on when the sandbox's clock stands still. */
  wallClock?: () => number;
};

export type Sandbox = { url: string; port: number; close: () => Promise<void> };

function send(response: ServerResponse, reply: Reply, at: number): void {
  response.sendDate = false;
  const body = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    Date: new Date(at).toUTCString(),
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    ...reply.headers,
  });
  response.end(body);
}

/** What the sandbox answers to a call, without a network between: both systems over one world. */
export function makeAnswering({
  world,
  wallClock = Date.now,
  ...settings
}: Omit<SandboxSettings, "now" | "port">): (call: Call) => Reply {
  const minute = () => makeAllowance(settings.scayleLimit ?? 1_000, 60_000, wallClock);
  const scayle = scayleApi(world, { orders: minute(), other: minute() });
  const allowance = makeAllowance(settings.businessCentralLimit ?? 6_000, 300_000, wallClock);
  const businessCentral = businessCentralApi(world, allowance, wallClock);
  return (call) => {
    if (call.path.startsWith(`${SCAYLE_PATH}/`)) return scayle(call);
    if (call.path.startsWith("/bc/")) return businessCentral(call);
    return { status: 404, body: { message: "The sandbox serves /scayle/api/admin/v1 and /bc." } };
  };
}

/** Serves a world over HTTP on the loopback interface, as it stands at the clock's time at each request. */
export async function startSandbox(settings: SandboxSettings): Promise<Sandbox> {
  const handle = makeAnswering(settings);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = settings.now();
    try {
      const origin = `http://${request.headers.host ?? "127.0.0.1"}`;
      const { pathname, searchParams } = new URL(request.url ?? "/", origin);
      const { method = "GET", headers } = request;
      const body = await readBody(request);
      send(response, handle({ method, path: pathname, query: searchParams, headers, body, origin, at }), at);
    } catch (error) {
      const status = error instanceof Refused ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      send(response, { status, body: { error: { code: "Internal_ServerError", message } } }, at);
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : settings.port;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, port, close };
}
