import { z } from "zod";
import { startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";

const Settings = z.object({
  seed: z.number().int(),
  orders: z.number().int(),
  anchor: z.string(),
  faults: z.enum(["planted", "none"]),
  /** the clock stands here until a message sets it */
  at: z.number(),
  /** requests to SCAYLE a minute; Business Central has six times as many */
  limit: z.number(),
});

// The sandbox as a process of its own, whose clock and limit are set from outside by messages: the sources' time goes as
// fast as a measurement needs it.
const settings = Settings.parse(JSON.parse(process.argv[2] ?? "{}"));
let { at, limit } = settings;
const world = makeWorld(settings);
const serve = (port: number) =>
  startSandbox({ world, now: () => at, port, scayleLimit: limit, businessCentralLimit: limit * 6 });
let sandbox = await serve(0);

const Message = z.union([z.object({ at: z.number() }), z.object({ limit: z.number() })]);
process.on("message", (message) => {
  const told = Message.parse(message);
  if ("at" in told) at = told.at;
  else void anew(told.limit);
});
process.once("disconnect", () => process.exit(0));

/** Serves at the same address with another limit. */
async function anew(other: number): Promise<void> {
  limit = other;
  await sandbox.close();
  sandbox = await serve(sandbox.port);
  process.send?.({ limit });
}

process.send?.({ port: sandbox.port });
