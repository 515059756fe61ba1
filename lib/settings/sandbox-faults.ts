import type pg from "pg";
import { z } from "zod";
import { askSandbox } from "./sandbox-webhooks";

/** What can go wrong with a write to the sandbox's systems, and with which. */
export const SANDBOX_FAULTS = [
  "reject",
  "delay",
  "partial",
  "lost",
  "ignored",
  "error-before",
  "error-after",
] as const;
export const SANDBOX_WRITES = [
  "refund",
  "line-values",
  "stock",
  "fulfilment",
  "reference-key",
  "draft",
  "line",
  "post",
  "cancel",
  "delete",
  "any",
] as const;

/** A fault that is to happen to the next writes it fits. */
export type SandboxFault = Readonly<{
  fault: string;
  on?: string;
  order?: string;
  times?: number;
  chance?: number;
  seconds?: number;
}>;

const Arranged = z.object({
  faults: z.array(
    z.object({
      fault: z.string(),
      on: z.string(),
      order: z.string().optional(),
      times: z.number(),
      chance: z.number(),
      seconds: z.number(),
    }),
  ),
  booksOpenFrom: z.string().nullable(),
});
/** The faults that are still to happen, and the first day that the sandbox's ERP takes postings for (null: its own). */
export type ArrangedFaults = z.infer<typeof Arranged>;

const PATH = "/sandbox/faults";

/** What is still to go wrong. Throws Refusal `not-found` where no sandbox is in use. */
export const arrangedFaults = async (pool: pg.Pool): Promise<ArrangedFaults> =>
  Arranged.parse(await askSandbox(pool, "GET", PATH));

/** Has something go wrong with the next writes. Throws Refusal `invalid` in the sandbox's words for what can't. */
export const addFault = async (pool: pg.Pool, fault: SandboxFault): Promise<ArrangedFaults> =>
  Arranged.parse(await askSandbox(pool, "POST", PATH, { faults: [fault] }));

/** Has nothing go wrong any more. */
export const clearFaults = async (pool: pg.Pool): Promise<ArrangedFaults> =>
  Arranged.parse(await askSandbox(pool, "DELETE", PATH));

/** Closes the books of the sandbox's ERP before a day. */
export const closeSandboxBooks = async (pool: pg.Pool, openFrom: string): Promise<ArrangedFaults> =>
  Arranged.parse(await askSandbox(pool, "POST", PATH, { booksOpenFrom: openFrom }));
