import { randomUUID } from "node:crypto";
import type pg from "pg";
import { toJson } from "@/lib/domain/json";
import { type PayloadOf, type TaskName, taskPayloads } from "./tasks";

export type JobOptions = Readonly<{
  /** jobs of one queue run one after the other, whichever process takes them */
  queue?: string | undefined;
  /** of several jobs with one key only the newest waits; the earliest time of them holds */
  key?: string | undefined;
  runAt?: Date | undefined;
  attempts?: number | undefined;
  /** lower goes first */
  priority?: number | undefined;
}>;

const ATTEMPTS = 5;

/**
 * Adds a job inside the caller's transaction: it is there when the transaction commits, and not when it rolls back.
 *
 * @throws ZodError for a payload that the task does not take
 */
export async function addJob<Name extends TaskName>(
  client: pg.ClientBase,
  task: Name,
  payload: PayloadOf<Name>,
  { queue, key, runAt, attempts = ATTEMPTS, priority = 0 }: JobOptions = {},
): Promise<void> {
  await client.query("SELECT tieout_add_job($1, $2::json, $3, $4, $5, $6, 'preserve_run_at', $7)", [
    task,
    toJson(taskPayloads[task].parse(payload)),
    queue ?? null,
    runAt ?? null,
    attempts,
    // Each has one: the queue takes the key from a job at work when a newer one comes in its place, and so they are told apart.
    key ?? randomUUID(),
    priority,
  ]);
}

/** The queue of a feed: two runs of it never meet. */
export const feedQueue = (feedId: string): string => `feed:${feedId}`.slice(0, 128);
