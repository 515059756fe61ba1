import { z } from "zod";
import { addMonths, lastCompleteMonth } from "@/lib/sandbox/calendar";
import type { StatusFault } from "@/lib/sandbox/faults/status";
import { SYSTEMATIC_NAMES } from "@/lib/sandbox/model";
import { startSandbox } from "@/lib/sandbox/server";
import { rememberedHappenings, rememberedState } from "@/lib/sandbox/state";
import { makeWorld } from "@/lib/sandbox/world";

const environmentSchema = z.object({
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  SANDBOX_ORDERS: z.coerce.number().int().default(3_000),
  SANDBOX_SEED: z.coerce.number().int().default(1),
  SANDBOX_ANCHOR: z.string().optional(),
  SANDBOX_STATE: z.string().optional(),
  SANDBOX_NOW: z.iso.datetime({ offset: true }).optional(),
  SANDBOX_FAULTS: z.enum(["planted", "none", "resolved", "unknown"]).default("planted"),
  SANDBOX_SYSTEMATIC: z.enum([...SYSTEMATIC_NAMES, "none"]).default("marketplace-tax-code"),
  SANDBOX_RATE_LIMIT: z.coerce.number().int().positive().default(1_000),
  SANDBOX_BC_RATE_LIMIT: z.coerce.number().int().positive().default(6_000),
});

/** Of which steps one system is not told in the world of a first start: those that leave the books of both sides alike. */
const UNTOLD: readonly StatusFault[] = [
  "cancellation-not-told",
  "key-not-told",
  "not-invoiced",
  "not-shipped",
];

/** Serves the simulated world until it is told to stop; says on standard output where, as one line of JSON. */
async function main(): Promise<void> {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const environment = environmentSchema.parse(given);
  const { SANDBOX_NOW: fixed } = environment;
  const now = fixed === undefined ? Date.now : () => Date.parse(fixed);
  const anchor = environment.SANDBOX_ANCHOR ?? lastCompleteMonth(now());
  const { SANDBOX_SYSTEMATIC: name, SANDBOX_FAULTS: faults } = environment;
  const state = rememberedState(environment.SANDBOX_STATE, {
    seed: environment.SANDBOX_SEED,
    orders: environment.SANDBOX_ORDERS,
    anchor,
    systematic:
      name === "none" || faults !== "planted" ? [] : [{ name, from: `${addMonths(anchor, -1)}-05` }],
    untold: faults === "planted" ? Math.max(2, Math.round(environment.SANDBOX_ORDERS / 1_500)) : 0,
  });
  const { untold, ...settings } = state;
  const world = makeWorld({
    ...settings,
    faults,
    ...(untold > 0 ? { status: { each: untold, faults: UNTOLD, late: 1, from: -25, until: -8 } } : {}),
  });
  const { happened, keep } = rememberedHappenings(environment.SANDBOX_STATE);
  const sandbox = await startSandbox({
    world,
    now,
    port: environment.SANDBOX_PORT,
    scayleLimit: environment.SANDBOX_RATE_LIMIT,
    businessCentralLimit: environment.SANDBOX_BC_RATE_LIMIT,
    happened,
    onHappened: keep,
  });
  const stop = () => void sandbox.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  process.stdout.write(`${JSON.stringify({ ready: true, port: sandbox.port, ...state })}\n`);
}

main().catch((error: unknown) => {
  const reason = error instanceof z.ZodError ? `\n${z.prettifyError(error)}` : String(error);
  process.stderr.write(`The sandbox could not start: ${reason}\n`);
  process.exit(1);
});
