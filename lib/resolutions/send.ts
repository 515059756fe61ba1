import type pg from "pg";
import { faultOf } from "@/lib/connectors/fault";
import {
  isRejected,
  type LedgerWrite,
  type StoreWrite,
  type Trace,
  type Writer,
} from "@/lib/connectors/write";
import { Refusal } from "@/lib/domain/faults";
import { formatAmount, type Minor } from "@/lib/domain/money";
import { type Attempt, addStep, lastSentOf, type Step } from "./attempts";
import type { Figures } from "./contract";
import { keyOfWrite } from "./preview";
import type { OpenWriter, Writers } from "./writers";

/** How the sending of one write ended for now. */
export type Sending =
  | Readonly<{ is: "done" }>
  /** `counts`: an attempt to have it, of which there are only so many */
  | Readonly<{ is: "wait"; until: Date | null; counts: boolean; why: string }>
  | Readonly<{ is: "end"; state: "reopened" | "refused"; why: string }>;

/** How long it is waited for an effect, one time after the other; after the last it is said that there is none. */
export const PATIENCE_SECONDS: readonly number[] = [3, 15, 60, 300, 900];

/** How often a request is sent whose answers are lost one after the other. */
const SENDS_MOST = 4;

type Sender = Readonly<{
  pool: pg.Pool;
  now: () => Date;
  attempt: Attempt;
  index: number;
  system: string;
  writer: Writer<LedgerWrite | StoreWrite>;
  upTo: "begun" | "done";
}>;

/**
 * Brings one write of an attempt to its effect, a request at a time: it looks first, keeps what it is about to send before
 * it sends, and what came of it afterwards. Whoever was killed between two of these begins by looking. A lost answer is
 * looked for once the other system is done with it, and only what is then not there is sent again. What was answered and
 * has no effect is never sent again. `upTo` begun: only to a draft that comes to what was shown.
 *
 * @throws what is no refusal of the other system: the job is tried again, and looks
 */
export async function sendWrite(
  { pool, now }: Readonly<{ pool: pg.Pool; now: () => Date }>,
  attempt: Attempt,
  index: number,
  { system, writer }: OpenWriter,
  upTo: "begun" | "done" = "done",
): Promise<Sending> {
  if (writer === null)
    return { is: "end", state: "reopened", why: `${system} can’t be written to any more from here.` };
  const sender: Sender = { pool, now, attempt, index, system, writer, upTo };
  const first = await looked(sender);
  if ("is" in first) return first;
  let seen = first.seen;
  for (;;) {
    const next = await following(sender, seen);
    if ("is" in next) return next;
    seen = next.seen;
  }
}

const plannedOf = ({ attempt, index }: Sender) => {
  const planned = attempt.plan.writes[index];
  if (!planned) throw new Error(`attempt ${attempt.id} has no write ${index}`);
  return planned;
};
const keyOf = ({ attempt, index }: Sender): string => keyOfWrite(attempt.key, index);
const keep = (sender: Sender, step: Omit<Step, "write">): Promise<void> =>
  addStep(sender.pool, sender.attempt, { ...step, write: sender.index }, sender.now());

async function looked(sender: Sender): Promise<Sending | Readonly<{ seen: Trace }>> {
  const { system, writer } = sender;
  try {
    const seen = await writer.look(plannedOf(sender).write, keyOf(sender));
    await keep(sender, { kind: "looked", text: traceText(system, seen), data: { trace: seen } });
    return { seen };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = troubleText(system, error);
    await keep(sender, { kind: "looked", text: `${system} could not be looked at: ${why}` });
    // What is not there, or is no id of its own, will not be there next time either.
    if (faultOf(error) === null && (error.code === "not-found" || error.code === "invalid"))
      return { is: "end", state: "reopened", why };
    return {
      is: "wait",
      until: null,
      counts: true,
      why: `${system} could not be looked at: ${why} Nothing is sent before that.`,
    };
  }
}

/** One request further, or where this ends. */
async function following(sender: Sender, seen: Trace): Promise<Sending | Readonly<{ seen: Trace }>> {
  const { system, attempt, index, pool, now, writer } = sender;
  const planned = plannedOf(sender);
  const requests = attempt.preview[index]?.requests ?? [];
  if (seen.state === "done") {
    await keep(sender, {
      kind: "done",
      text: `${system} has it${seen.number === null ? "" : `: ${seen.number}`}.${seen.missing ? ` Not all of it: ${seen.missing}` : ""}`,
      data: { id: seen.id, number: seen.number, ...(seen.missing && { missing: seen.missing }) },
    });
    return { is: "done" };
  }
  if (seen.state === "begun") {
    const differs = differenceOf(planned.figures, seen.figures, currencyOf(planned.write));
    if (differs !== null)
      return takeBack(sender, seen, "refused", `${system} makes ${differs}. The draft was not posted.`);
    // One that is not reckoned yet says nothing: a system of three requests is asked to reckon it first.
    if (sender.upTo === "begun" && (seen.figures !== null || requests.length <= 2)) return { is: "done" };
  }
  const last = await lastSentOf(pool, attempt, index);
  if (seen.state === "begun" && requests.length <= 1)
    return patiently(sender, seen, `${system} has begun with it, and is not done yet.`);
  if (last?.seen === placeOf(seen)) {
    if (last.outcome === "answered")
      return patiently(sender, seen, `${system} accepted it, and it has no effect yet.`);
    const settled = new Date(last.at.getTime() + writer.settles);
    if (now() < settled)
      return {
        is: "wait",
        until: settled,
        counts: false,
        why: lostText(system),
      };
    if (last.times >= SENDS_MOST)
      return takeBack(
        sender,
        seen,
        "reopened",
        `It was sent ${last.times} times, no answer came from ${system}, and nothing of it is there.`,
      );
  }
  return send(sender, seen);
}

/** Waits for an effect as long as is waited for one; then a draft that never came to it is taken back. */
async function patiently(sender: Sender, seen: Trace, why: string): Promise<Sending> {
  if (sender.attempt.tries < PATIENCE_SECONDS.length) return { is: "wait", until: null, counts: true, why };
  return takeBack(sender, seen, "reopened", why);
}

async function send(sender: Sender, seen: Trace): Promise<Sending | Readonly<{ seen: Trace }>> {
  const { system, attempt, index, writer, now } = sender;
  const requests = attempt.preview[index]?.requests ?? [];
  const request =
    requests[seen.state === "none" ? 0 : isReckoned(seen) ? requests.length - 1 : 1] ?? requests[0];
  await keep(sender, {
    kind: "sent",
    text: request ? `${request.does}: ${request.method} ${request.path}` : `Asked ${system} for it`,
    data: { seen: placeOf(seen), request: request ?? null },
  });
  try {
    const trace = await writer.advance(plannedOf(sender).write, keyOf(sender), seen);
    await keep(sender, {
      kind: "answered",
      text: `${system} took it. ${traceText(system, trace)}`,
      data: { trace },
    });
    return { seen: trace };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const fault = faultOf(error);
    if (fault === null || isRejected(error)) {
      const said = fault?.sourceMessage ?? withoutAddress(error.message, system);
      // It answered as if all were well, and kept what it had: the message says so itself.
      const text = fault === null && error.code === "conflict" ? said : `${system} refused it: ${said}`;
      await keep(sender, {
        kind: "rejected",
        text,
        data: { status: fault?.status ?? null, key: fault?.sourceKey ?? null, message: said },
      });
      return takeBack(sender, seen, "reopened", text);
    }
    await keep(sender, {
      kind: "lost",
      text: `${troubleText(system, error)} Whether it was done is not known from that.`,
    });
    return {
      is: "wait",
      until: new Date(now().getTime() + writer.settles),
      counts: false,
      why: lostText(system),
    };
  }
}

/** Takes a draft back that is not going to be posted, and ends. A draft that stays is said. */
async function takeBack(
  sender: Sender,
  seen: Trace,
  state: "reopened" | "refused",
  why: string,
): Promise<Sending> {
  const { system, writer, index, upTo } = sender;
  const isLater = upTo === "done" && index > 0;
  const earlier = isLater ? " What was sent before it stands: read the order again to see how." : "";
  const end = (rest: string): Sending => ({
    is: "end",
    // Something of it counts already: the exception is not as it was.
    state: isLater ? "reopened" : state,
    why: `${why}${rest}${earlier}`,
  });
  if (seen.state !== "begun" || !writer.discard) return end("");
  try {
    await writer.discard(plannedOf(sender).write, keyOf(sender), seen);
    await keep(sender, { kind: "discarded", text: `The draft was taken back in ${system}.` });
    return end("");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await keep(sender, {
      kind: "discarded",
      text: `The draft is still in ${system}: ${troubleText(system, error)}`,
    });
    return end(` The draft ${seen.id} is still there: delete it in ${system}.`);
  }
}

/** Takes back the drafts of an attempt's other writes, which are not going to be posted. One that stays is said. */
export async function takeBackDrafts(
  { pool, now }: Readonly<{ pool: pg.Pool; now: () => Date }>,
  attempt: Attempt,
  written: number,
  writers: Writers,
): Promise<void> {
  for (const [index, planned] of attempt.plan.writes.entries()) {
    const { system, writer } = writers.of(planned);
    if (index < written || planned.write.kind !== "post-document" || !writer?.discard) continue;
    const key = keyOfWrite(attempt.key, index);
    try {
      const seen = await writer.look(planned.write, key);
      if (seen.state !== "begun") continue;
      await writer.discard(planned.write, key, seen);
      await addStep(
        pool,
        attempt,
        { kind: "discarded", write: index, text: `The draft was taken back in ${system}.` },
        now(),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const text = `A draft may still be in ${system}: ${troubleText(system, error)}`;
      await addStep(pool, attempt, { kind: "discarded", write: index, text }, now());
    }
  }
}

const isReckoned = (seen: Trace): boolean => seen.state === "begun" && seen.figures !== null;

/** From where the next request goes on: a draft that was reckoned is further than one that was not. */
const placeOf = (seen: Trace): string => (isReckoned(seen) ? "begun, reckoned" : seen.state);

const lostText = (system: string): string =>
  `No answer came from ${system}, so it is not known whether it did it. It is given time to finish, then looked at; only what is not there is sent again.`;

/** What went wrong between us and a system, in a sentence without its address. */
function troubleText(system: string, error: Refusal): string {
  const fault = faultOf(error);
  const said = fault?.sourceMessage ? ` It says: ${fault.sourceMessage.replace(/\.?$/, ".")}` : "";
  switch (fault?.kind) {
    case "timeout":
      return `${system} did not answer in time.`;
    case "network":
      return `The connection to ${system} broke off.`;
    case "status":
      return `${system} answered with an error (${fault.status}).${withoutAddress(said, system)}`;
    default:
      return withoutAddress(error.message, system);
  }
}

/** A sentence with the system's name in the place of its address. */
export const withoutAddress = (text: string, name: string): string =>
  text.replace(/https?:\/\/[^\s,;]+/g, name);

function traceText(system: string, trace: Trace): string {
  if (trace.state === "none") return `${system} has nothing of it.`;
  if (trace.state === "begun") return `${system} has begun: what it has counts for nothing yet.`;
  return `${system} has it${trace.number === null ? "" : `: ${trace.number}`}.`;
}

const currencyOf = (write: LedgerWrite | StoreWrite): string =>
  write.kind === "post-document" ? write.document.currency : "currency" in write ? write.currency : "";

/** Where a draft's figures are others than foreseen, in words; null where they are not. */
function differenceOf(
  foreseen: Figures | null,
  made: Readonly<{ net: Minor; tax: Minor; gross: Minor }> | null,
  currency: string,
): string | null {
  if (foreseen === null || made === null) return null;
  const off = (["net", "tax", "gross"] as const).filter(
    (name) => foreseen[name] !== null && foreseen[name] !== made[name],
  );
  if (off.length === 0) return null;
  return off
    .map(
      (name) =>
        `${name} ${formatAmount(made[name], currency)} of it where ${formatAmount(foreseen[name] ?? 0n, currency)} was shown`,
    )
    .join(", ");
}
