import { describe, expect, it } from "vitest";
import { faultOf } from "@/lib/connectors/fault";
import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import { isRejected, type Trace, type Writer } from "@/lib/connectors/write";

/*
 * The contract of a writer: what the runner of resolutions relies on, whatever the system. One suite, run against every
 * system that can be written to. What is in the system is asked of the system itself, not through the connector.
 */

type AnyWrite = Readonly<{ kind: string }>;

/** A request as it went over the wire. */
export type SentRequest = Readonly<{ method: string; url: string; body: string }>;

export type WriterSubject<Write extends AnyWrite> = Readonly<{
  open(http: HttpClient): Writer<Write>;
  /** A write that was never carried out before, under a key of its own. */
  fresh(): Promise<Readonly<{ write: Write; key: string }>>;
  /** How often the system has the effect of a write. */
  effects(write: Write, key: string): Promise<number>;
  /** Whether a request changes something. */
  changes(sent: SentRequest): boolean;
  /** What of a request the preview shows: method, path below the root, body. */
  shown(sent: SentRequest): Readonly<{ method: string; path: string; body: unknown }>;
  /** A write that the system refuses, and what its words have in them. */
  refused(): Promise<Readonly<{ write: Write; key: string; words: RegExp }>>;
}>;

type Trick = (sent: SentRequest, pass: () => Promise<Response>) => Promise<Response>;

function clientWith(trick: Trick = (_, pass) => pass()) {
  const sent: SentRequest[] = [];
  const http = createHttpClient({
    fetch: (input, init) => {
      const one = { method: init?.method ?? "GET", url: String(input), body: String(init?.body ?? "") };
      sent.push(one);
      return trick(one, () => fetch(input, init));
    },
    now: () => new Date(),
    sleep: async () => undefined,
    random: () => 0,
  });
  return { http, sent };
}

const MOST_STEPS = 6;

const failing = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

/** Texts of a preview with `{…}` in them stand for what is only known when it is sent. */
function agrees(shown: unknown, sent: unknown): boolean {
  if (typeof shown === "string" && /\{[^}]*\}/.test(shown)) {
    const pattern = shown.split(/\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${pattern.join(".+")}$`, "s").test(
      typeof sent === "string" ? sent : JSON.stringify(sent),
    );
  }
  if (Array.isArray(shown))
    return (
      Array.isArray(sent) && shown.length === sent.length && shown.every((one, i) => agrees(one, sent[i]))
    );
  if (typeof shown === "object" && shown !== null) {
    if (typeof sent !== "object" || sent === null) return false;
    const [own, other] = [shown as Record<string, unknown>, sent as Record<string, unknown>];
    const names = new Set([...Object.keys(own), ...Object.keys(other)]);
    return [...names].every((name) => agrees(own[name], other[name]));
  }
  return shown === sent;
}

/** Runs the contract against a subject, which is asked for when the tests run. `steps`: requests that a write takes. */
export function writerContract<Write extends AnyWrite>(
  name: string,
  subject: () => WriterSubject<Write>,
  steps: number,
): void {
  const open = (trick?: Trick) => {
    const client = clientWith(trick);
    return { writer: subject().open(client.http), changing: () => client.sent.filter(subject().changes) };
  };

  /** As the runner does: looks, and sends the next request, until it is done. */
  async function carryOut(writer: () => Writer<Write>, write: Write, key: string): Promise<Trace> {
    let seen = await writer().look(write, key);
    for (let step = 0; step < MOST_STEPS && seen.state !== "done"; step += 1)
      seen = await writer().advance(write, key, seen);
    return seen;
  }

  describe(`${name} as a writer`, () => {
    it("has nothing of a write before, and then the whole of it, once", async () => {
      const { write, key } = await subject().fresh();
      const { writer, changing } = open();
      expect(writer.lacks(write.kind)).toBeNull();
      expect(await writer.look(write, key)).toEqual({ state: "none" });
      expect(changing()).toEqual([]);
      const done = await carryOut(() => writer, write, key);
      expect(done).toMatchObject({ state: "done" });
      expect(done).not.toHaveProperty("missing");
      expect(await subject().effects(write, key)).toBe(1);
      expect(await open().writer.look(write, key)).toEqual(done);
      expect(changing()).toHaveLength(steps);
    });

    it("sends exactly what it showed before", async () => {
      const { write, key } = await subject().fresh();
      const { writer, changing } = open();
      const shown = writer.requests(write, key);
      await carryOut(() => writer, write, key);
      const sent = changing().map(subject().shown);
      expect(sent).toHaveLength(shown.length);
      for (const [index, one] of shown.entries()) {
        expect(one.does).toMatch(/^[A-Z]/);
        const { method, path, body } = one;
        expect([{ method, path, body }, sent[index]]).toSatisfy(([a, b]: unknown[]) => agrees(a, b));
      }
      expect(writer.requests(write, key)).toEqual(shown);
    });

    it("goes on where it was when killed after any of its steps", async () => {
      for (let killed = 1; killed <= steps; killed += 1) {
        const { write, key } = await subject().fresh();
        let seen: Trace = { state: "none" };
        for (let step = 0; step < killed; step += 1) {
          const { writer } = open();
          // Another process every time, which knows nothing but what it sees.
          seen = await writer.advance(write, key, await writer.look(write, key));
        }
        expect(seen.state).toBe(killed === steps ? "done" : "begun");
        expect(await carryOut(() => open().writer, write, key)).toMatchObject({ state: "done" });
        expect(await subject().effects(write, key)).toBe(1);
      }
    });

    it("finds by looking what came of a step whose answer was lost, and does it once", async () => {
      for (let lost = 1; lost <= steps; lost += 1) {
        const { write, key } = await subject().fresh();
        let count = 0;
        const { writer, changing } = open(async (sent, pass) => {
          const response = await pass();
          if (!subject().changes(sent)) return response;
          count += 1;
          if (count === lost) throw new TypeError("fetch failed");
          return response;
        });
        const error = await failing(carryOut(() => writer, write, key));
        expect(faultOf(error)?.kind).toBe("network");
        expect(isRejected(error)).toBe(false);
        expect(changing()).toHaveLength(lost);
        expect((await writer.look(write, key)).state).toBe(lost === steps ? "done" : "begun");
        await carryOut(() => writer, write, key);
        expect(await subject().effects(write, key)).toBe(1);
        expect(changing()).toHaveLength(steps);
      }
    });

    it.each([429, 500, 503])("sends nothing twice by itself when it is answered %i", async (status) => {
      const { write, key } = await subject().fresh();
      let isDown = true;
      const { writer, changing } = open((sent, pass) =>
        subject().changes(sent) && isDown ? Promise.resolve(new Response("{}", { status })) : pass(),
      );
      const error = await failing(writer.advance(write, key, await writer.look(write, key)));
      expect(faultOf(error)).toMatchObject({ kind: "status", status, attempts: 1 });
      expect(isRejected(error)).toBe(false);
      expect(changing()).toHaveLength(1);
      isDown = false;
      expect(await writer.look(write, key)).toEqual({ state: "none" });
      await carryOut(() => writer, write, key);
      expect(await subject().effects(write, key)).toBe(1);
    });

    it("does not take what can't be read after a step for a refusal of it", async () => {
      const { write, key } = await subject().fresh();
      let isDone = false;
      const { writer } = open((sent, pass) => {
        if (subject().changes(sent)) isDone = true;
        else if (isDone) return Promise.resolve(new Response("{}", { status: 404 }));
        return pass();
      });
      const seen = await writer.look(write, key);
      const error = await failing(writer.advance(write, key, seen));
      // Some systems answer a request for nothing with nothing: then there is nothing to be seen.
      if (error !== null) expect(isRejected(error)).toBe(false);
    });

    it("sends nothing once it is done", async () => {
      const { write, key } = await subject().fresh();
      const done = await carryOut(() => open().writer, write, key);
      const { writer, changing } = open();
      expect(await writer.advance(write, key, done)).toEqual(done);
      expect(changing()).toEqual([]);
    });

    it("tells a refusal in the system's own words, and leaves nothing that counts", async () => {
      const { write, key, words } = await subject().refused();
      const { writer } = open();
      const error = await failing(carryOut(() => writer, write, key));
      expect(isRejected(error)).toBe(true);
      expect(String(error)).toMatch(words);
      expect(await subject().effects(write, key)).toBe(0);
    });

    if (steps === 1) return;
    it("takes a draft back", async () => {
      const { writer } = open();
      const { write, key } = await subject().fresh();
      const discard = (trace: Trace) =>
        writer.discard?.(write, key, trace) ?? Promise.reject(new Error("It can't."));
      const seen = await writer.advance(write, key, { state: "none" });
      expect(seen.state).toBe("begun");
      await discard(seen);
      expect(await writer.look(write, key)).toEqual({ state: "none" });
      expect(await subject().effects(write, key)).toBe(0);
      // Whoever comes second finds nothing to take back.
      await discard(seen);
      const again = await writer.advance(write, key, { state: "none" });
      expect(await carryOut(() => writer, write, key)).toMatchObject({ state: "done" });
      expect(await subject().effects(write, key)).toBe(1);
      // What is posted by now stays.
      await expect(discard(again)).rejects.toThrow(/posted/);
      expect(await subject().effects(write, key)).toBe(1);
    });
  });
}
