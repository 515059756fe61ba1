import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type Happening, happeningSchema } from "@/lib/sandbox/happenings";
import { SYSTEMATIC_NAMES } from "@/lib/sandbox/model";

const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, "must be a month, YYYY-MM");

export const worldStateSchema = z.object({
  seed: z.number().int(),
  orders: z.number().int().min(30).max(2_000_000),
  anchor: monthSchema,
  /** Worlds of before there was such a thing have none. */
  systematic: z.array(z.object({ name: z.enum(SYSTEMATIC_NAMES), from: z.iso.date() })).default([]),
  /** so many orders of each kind of which one system is not told */
  untold: z.number().int().min(0).max(1_000).default(0),
});

/** What a sandbox must not forget between two starts: with it the world is the same again. */
export type WorldState = z.infer<typeof worldStateSchema>;

/** Reads the state of an earlier start; at the first start (or without a file) takes the given one and writes it down. */
export function rememberedState(file: string | undefined, first: WorldState): WorldState {
  if (file === undefined) return worldStateSchema.parse(first);
  if (existsSync(file)) return worldStateSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const state = worldStateSchema.parse(first);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(state)}\n`);
  return state;
}

/** What happened on request, kept beside the state: with both the world is the same again. Without a file nothing is kept. */
export function rememberedHappenings(file: string | undefined): Readonly<{
  happened: readonly Happening[];
  keep(happened: readonly Happening[]): void;
}> {
  if (file === undefined) return { happened: [], keep: () => undefined };
  const log = join(dirname(file), "sandbox-happenings.jsonl");
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n").filter(Boolean) : [];
  return {
    happened: lines.map((line) => happeningSchema.parse(JSON.parse(line))),
    keep: (happened) => {
      if (happened.length > 0)
        appendFileSync(log, happened.map((one) => `${JSON.stringify(one, bigintsAsText)}\n`).join(""));
    },
  };
}

const bigintsAsText = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
