import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { watchExceptions } from "./clock";
import { listExceptions } from "./data";
import { makeEntity, makeException, makeUser } from "./fixtures";
import { namedIn } from "./mentions";
import { actOnException, actOnExceptions, commentOnException, undoLast } from "./mutations";
import { findException, findMoments } from "./one";
import { ExceptionQuery, ManyAct, OneAct, type PeopleAction } from "./schema";

const now = new Date("2026-11-05T09:00:00Z");
let database: TestDatabase;
let finance: Actor;
let mara: Actor;
let auditor: Actor;
let id = "";
let turn = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await makeEntity(database.ownerPool, "E1");
  await makeEntity(database.ownerPool, "E2");
  finance = await makeUser(database.ownerPool, "finance-preparer", null);
  mara = await makeUser(database.ownerPool, "operations", null);
  auditor = await makeUser(database.ownerPool, "auditor", null);
});
afterAll(() => database.close());
beforeEach(async () => {
  turn += 1;
  await rows("DELETE FROM exception_operation");
  id = await makeException(database.ownerPool, { entityId: "E1", name: `one-${turn}`, due: "2026-11-10" });
});

const rows = async (sql: string, values: unknown[] = []) =>
  (await database.ownerPool.query(sql, values)).rows;
const held = async (which = id) => {
  const found = await findException(["E1", "E2"], which);
  if (!found) throw new Error("no such exception");
  return found;
};
const act = async (actor: Actor, what: PeopleAction, at = now) => {
  const { version } = await held();
  return actOnException(actor, { entityId: "E1", id, version, act: what }, { now: at });
};
const give = (to: Actor | null): PeopleAction => ({
  kind: "hand-over",
  assigneeId: to?.id ?? null,
  reason: "On leave.",
});
const words = async () =>
  (await findMoments(await held())).map(({ kind, text }) => `${kind}: ${text}`).reverse();

describe("what a person does to an exception", () => {
  it("hands it over with a reason, and passes it back to whom it was taken from", async () => {
    await act(finance, { kind: "take-over" });
    await act(finance, { kind: "start" }, new Date(now.getTime() + 1));
    await act(finance, give(mara), new Date(now.getTime() + 2));
    expect(await held()).toMatchObject({
      state: "in-progress",
      assigneeId: mara.id,
      previousAssignee: finance.name,
    });
    await act(mara, { kind: "pass-back", reason: "Not mine." }, new Date(now.getTime() + 3));
    expect(await held()).toMatchObject({ assigneeId: finance.id, previousAssignee: mara.name });
    expect(await words()).toEqual([
      "taken: Given to finance-preparer.",
      "started: null",
      "handed-over: Given to operations. On leave.",
      "passed-back: Given to finance-preparer. Not mine.",
    ]);
  });

  it("passes back to the team where the person before may not work on it any more", async () => {
    await act(finance, { kind: "take-over" });
    await act(finance, give(mara));
    await rows(`UPDATE "user" SET disabled_at = now() WHERE id = $1`, [finance.id]);
    await act(mara, { kind: "pass-back", reason: "Not mine." });
    await rows(`UPDATE "user" SET disabled_at = NULL WHERE id = $1`, [finance.id]);
    expect(await held()).toMatchObject({ assigneeId: null, state: "new", ownerTeam: "finance" });
  });

  it("has nobody to pass it back to when it never changed hands", async () => {
    await expect(act(finance, { kind: "pass-back", reason: "Not mine." })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("is passed back by whoever has it, and taken from nobody by another, one or many", async () => {
    await act(finance, { kind: "take-over" });
    await act(finance, give(mara));
    const back = { kind: "pass-back", reason: "Give it to me." } as const;
    await expect(act(finance, back)).rejects.toThrow(/operations has it/);
    const { version } = await held();
    const many = { entityId: "E1", chosen: { ids: [{ id, version }] }, act: back };
    expect(await actOnExceptions(finance, many, { now })).toMatchObject({ done: 0, left: 1 });
    expect(await held()).toMatchObject({ assigneeId: mara.id, previousAssignee: finance.name });
    expect(await actOnExceptions(mara, many, { now })).toMatchObject({ done: 1, left: 0 });
    // With its team alone it is nobody's: who works there may give it back.
    await act(finance, give(null));
    await act(mara, back);
    expect(await held()).toMatchObject({ assigneeId: finance.id });
  });

  it("does not start with what somebody else has", async () => {
    await act(finance, give(mara));
    await expect(act(finance, { kind: "start" })).rejects.toThrow(/operations has it/);
    await act(finance, { kind: "take-over" });
    await act(finance, { kind: "start" });
    expect(await held()).toMatchObject({ state: "in-progress", assigneeId: finance.id });
  });

  it("waits on somebody until a day, and wakes by itself on that day at the entity's place", async () => {
    await act(finance, { kind: "take-over" });
    await expect(act(finance, { kind: "wait", on: "carrier", until: "2026-11-05" })).rejects.toMatchObject({
      code: "invalid",
    });
    await act(finance, { kind: "wait", on: "carrier", until: "2026-11-09" });
    expect(await held()).toMatchObject({
      state: "waiting",
      waitingOn: "carrier",
      waitingUntil: "2026-11-09",
    });
    const { version } = await held();
    expect(await watchExceptions(database.ownerPool, "E1", new Date("2026-11-08T22:59:00Z"))).toMatchObject({
      woken: 0,
    });
    // Midnight in Berlin is eleven in the evening here.
    expect(await watchExceptions(database.ownerPool, "E1", new Date("2026-11-08T23:01:00Z"))).toMatchObject({
      woken: 1,
    });
    expect(await held()).toMatchObject({
      state: "assigned",
      waitingOn: null,
      waitingUntil: null,
      version: version + 1,
    });
    expect((await words()).at(-1)).toBe("woken: Waited on carrier until 2026-11-09.");
    expect(await watchExceptions(database.ownerPool, "E1", new Date("2026-11-09T10:00:00Z"))).toMatchObject({
      woken: 0,
    });
  });

  it("is escalated once to the lead of its team when it is overdue, and not any more once it is due later", async () => {
    const late = new Date("2026-11-11T09:00:00Z");
    await rows("UPDATE exception SET state = 'resolved', waiting_until = NULL WHERE id <> $1", [id]);
    expect(await watchExceptions(database.ownerPool, "E1", late)).toMatchObject({ escalated: 0 });
    await rows("UPDATE team SET lead_id = $1 WHERE id = 'finance'", [mara.id]);
    expect(await watchExceptions(database.ownerPool, "E1", new Date("2026-11-10T09:00:00Z"))).toMatchObject({
      escalated: 0,
    });
    expect(await watchExceptions(database.ownerPool, "E1", late)).toMatchObject({ escalated: 1 });
    expect(await watchExceptions(database.ownerPool, "E1", late)).toMatchObject({ escalated: 0 });
    expect(await held()).toMatchObject({ escalatedTo: mara.name, lead: mara.name, version: 0 });
    expect((await words()).at(-1)).toBe(
      "escalated: Due 2026-11-10 and not done: escalated to operations, who leads Finance.",
    );
    await act(finance, { kind: "assign", assigneeId: finance.id, due: "2026-11-20" }, late);
    expect(await held()).toMatchObject({
      escalatedAt: null,
      due: "2026-11-20",
      dueWhy: "Set by finance-preparer.",
    });
  });

  it("tells the second of two people that the first was quicker, and does one thing", async () => {
    const both = await Promise.allSettled([
      actOnException(finance, { entityId: "E1", id, version: 0, act: { kind: "take-over" } }, { now }),
      actOnException(mara, { entityId: "E1", id, version: 0, act: { kind: "take-over" } }, { now }),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = both.find((one) => one.status === "rejected");
    expect(lost?.reason).toMatchObject({ code: "conflict" });
    expect(await words()).toHaveLength(1);
  });

  it.each([
    ["the auditor", () => act(auditor, { kind: "take-over" }), "not-allowed"],
    [
      "a team that is not there",
      () => act(finance, { ...give(null), ownerTeam: "nobody" } as PeopleAction),
      "invalid",
    ],
    ["somebody who may not work on it", () => act(finance, give(auditor)), "invalid"],
    ["to wake what does not wait", () => act(finance, { kind: "wake" }), "conflict"],
  ])("refuses %s, and leaves no trace of it", async (_, refused, code) => {
    await expect(refused()).rejects.toMatchObject({ code });
    expect(await words()).toEqual([]);
    expect(await held()).toMatchObject({ version: 0 });
  });
});

describe("taking back", () => {
  it("makes it again what it was: person, team, date, wait and state", async () => {
    const before = await held();
    const steps: PeopleAction[] = [
      { kind: "assign", assigneeId: mara.id, ownerTeam: "operations", due: "2026-12-01" },
      { kind: "wait", on: "ERP", until: "2026-11-20" },
    ];
    for (const [index, step] of steps.entries()) await act(finance, step, new Date(now.getTime() + index));
    const waits = await held();
    await act(finance, { kind: "wake" }, new Date(now.getTime() + 5));
    expect(await undoLast(finance, { entityId: "E1" }, { now: new Date(now.getTime() + 9) })).toEqual({
      kind: "wake",
      done: 1,
      left: 0,
    });
    expect(await held()).toMatchObject({
      state: "waiting",
      waitingOn: "ERP",
      waitingUntil: waits.waitingUntil,
      version: 4,
    });
    expect(before).toMatchObject({ state: "new", dueWhy: null });
    expect((await words()).at(-1)).toBe("undone: What was done last is taken back.");
    const [trail] = await rows(
      "SELECT action, subject FROM audit_event WHERE chain = 'E1' ORDER BY seq DESC LIMIT 1",
    );
    expect(trail).toEqual({ action: "exception.undo", subject: `exception:${id}` });
  });

  it("is for what one did oneself, and only while nothing has happened since", async () => {
    const { operationId } = await act(finance, { kind: "take-over" });
    await expect(undoLast(mara, { entityId: "E1", operationId }, { now })).rejects.toMatchObject({
      code: "not-found",
    });
    await act(mara, { kind: "take-over" });
    await expect(undoLast(finance, { entityId: "E1", operationId }, { now })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await held()).toMatchObject({ assigneeId: mara.id });
  });
});

describe("many at once", () => {
  const make = async (count: number, name: string, more: object = {}) => {
    const made: string[] = [];
    for (let index = 0; index < count; index += 1) {
      made.push(
        await makeException(database.ownerPool, {
          entityId: "E2",
          name: `${name}-${index}`,
          cause: "price-wrong",
          due: "2026-11-10",
          ...more,
        }),
      );
    }
    return made;
  };
  const many = (what: PeopleAction, chosen: unknown, actor = finance) =>
    actOnExceptions(
      actor,
      { entityId: "E2", act: what, chosen: chosen as { filter: ExceptionQuery } },
      { now },
    );
  const states = () =>
    rows("SELECT state, count(*)::int AS count FROM exception WHERE entity_id = 'E2' GROUP BY 1 ORDER BY 1");

  it("hands over all that a filter means, with one audit record and a row of history for each", async () => {
    await make(5, "bulk");
    await makeException(database.ownerPool, { entityId: "E2", name: "other", cause: "unexplained" });
    const filter = ExceptionQuery.parse({ cause: "price-wrong" });
    const outcome = await many(give(mara), { filter });
    expect(outcome).toMatchObject({ done: 5, left: 0 });
    expect(await states()).toEqual([
      { state: "assigned", count: 5 },
      { state: "new", count: 1 },
    ]);
    expect(
      await rows(
        "SELECT count(*)::int AS count, min(text) AS text FROM exception_event WHERE operation_id = $1",
        [outcome.operationId],
      ),
    ).toEqual([{ count: 5, text: "Given to operations. On leave." }]);
    expect(
      await rows("SELECT action, after ->> 'count' AS count FROM audit_event WHERE subject = $1", [
        `operation:${outcome.operationId}`,
      ]),
    ).toEqual([{ action: "exceptions.hand-over", count: "5" }]);
    // And taken back in one go, but for the one that moved on.
    const [moved] = await rows(
      "SELECT id, version FROM exception WHERE entity_id = 'E2' AND state = 'assigned' LIMIT 1",
    );
    await actOnException(
      mara,
      { entityId: "E2", id: moved.id, version: moved.version, act: { kind: "start" } },
      { now },
    );
    expect(await undoLast(finance, { entityId: "E2" }, { now })).toEqual({
      kind: "hand-over",
      done: 4,
      left: 1,
    });
    expect(await states()).toEqual([
      { state: "in-progress", count: 1 },
      { state: "new", count: 5 },
    ]);
  });

  it("snoozes those chosen in the version that was seen, and counts the others", async () => {
    const [a = "", b = ""] = await make(2, "seen");
    await rows("UPDATE exception SET version = 3 WHERE id = $1", [b]);
    const ids = [
      { id: a, version: 0 },
      { id: b, version: 0 },
    ];
    expect(await many({ kind: "wait", on: "carrier", until: "2026-11-20" }, { ids })).toMatchObject({
      done: 1,
      left: 1,
    });
    expect(await rows("SELECT state FROM exception WHERE id = ANY($1) ORDER BY state", [[a, b]])).toEqual([
      { state: "new" },
      { state: "waiting" },
    ]);
  });

  it("never reaches another entity, whatever ids or filter it is given", async () => {
    expect(await many({ kind: "take-over" }, { ids: [{ id, version: 0 }] })).toMatchObject({ done: 0 });
    const filter = ExceptionQuery.parse({ entity: "E1", state: "all" });
    await many({ kind: "take-over" }, { filter });
    expect(await held()).toMatchObject({ assigneeId: null, version: 0 });
    await expect(many({ kind: "take-over" }, { filter }, auditor)).rejects.toMatchObject({
      code: "not-allowed",
    });
  });

  it("takes over ten thousand in one statement", async () => {
    await rows(
      `INSERT INTO exception (order_key, id, subject_key, entity_id, cause, document_kind, signature, state, bucket, severity, owner_team,
         currency, period, net, tax, gross, amounts, explanation, resolution, first_seen_at, last_seen_at)
       SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'E2', 'cut-off', 'sale', 's', 'new', 'open', 'low', 'finance', 'EUR',
         '2026-10', 0, 0, 0, '[]', '-', '-', now(), now() FROM generate_series(1, 10000)`,
    );
    const started = performance.now();
    const filter = ExceptionQuery.parse({ cause: "cut-off" });
    expect(await many({ kind: "take-over" }, { filter })).toMatchObject({ done: 10_000, left: 0 });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe("mentions", () => {
  const people = [
    { id: "1", name: "Ann", email: "ann@example.com" },
    { id: "2", name: "Ann Bee", email: "bee@example.com" },
    { id: "3", name: "Çelik", email: "celik@example.com" },
    { id: "4", name: "Rosa Reviewer", email: "reviewer@example.com" },
    { id: "5", name: "Sam One", email: "one@example.com" },
    { id: "6", name: "Sam Two", email: "two@example.com" },
    { id: "7", name: "Bee Keeper", email: "keeper@example.com" },
  ];
  it.each([
    ["@Ann please look", ["1"]],
    ["@ann bee, and @bee", ["2"]],
    ["@Annette is nobody here", []],
    ["write to me@ann or @çelik!", ["3"]],
    ["@ann @ann bee", ["1", "2"]],
    ["nobody", []],
    ["@rosa please see", ["4"]],
    ["@ROSA: and @Rosa Reviewer", ["4"]],
    // More than one goes by it: nobody is guessed at.
    ["@sam please see", []],
    ["@Sam Two please see", ["6"]],
    ["@rosalind", []],
  ])("%s", (text, expected) => {
    expect(namedIn(text, people).named.map((one) => one.id)).toEqual(expected);
  });

  it.each([
    ["@rosa and @Rosalind, @sam @sam", ["@Rosalind", "@sam"]],
    ["write to me@nowhere, @ noon", []],
    ["@Ann Bee", []],
  ])("whom it does not know is given back: %s", (text, expected) => {
    expect(namedIn(text, people).unknown).toEqual(expected);
  });

  it("are kept with the comment, and what mentions somebody can be asked for", async () => {
    const { mentioned, unknown } = await commentOnException(
      finance,
      { entityId: "E1", id, text: "@operations can you ask the carrier, or @somebody?" },
      { now },
    );
    expect(mentioned).toEqual([mara.name]);
    expect(unknown).toEqual(["@somebody"]);
    const asked = (actor: Actor) =>
      listExceptions(
        { entityIds: ["E1"], actorId: actor.id, today: "2026-11-05" },
        ExceptionQuery.parse({ mention: "me", state: "all" }),
      );
    expect((await asked(mara)).rows.map((one) => one.id)).toEqual([id]);
    expect((await asked(finance)).rows).toEqual([]);
  });
});

describe("what is sent", () => {
  const one = { entityId: "E1", id: "b9b1efbb-c97b-7392-27d3-fc7f42b92121", version: 0 };

  it("is flat, and says of each field what is wrong with it", () => {
    expect(OneAct.parse({ ...one, kind: "wait", on: " ERP ", until: "2026-12-01" })).toEqual({
      ...one,
      act: { kind: "wait", on: "ERP", until: "2026-12-01" },
    });
    const { error } = OneAct.safeParse({ ...one, kind: "hand-over", assigneeId: null, reason: "" });
    expect(error?.issues.map(({ path, message }) => [path.join(), message])).toEqual([
      ["reason", "Say why, for whoever takes it over."],
    ]);
    expect(ManyAct.parse({ entityId: "E1", chosen: { filter: {} }, kind: "start" })).toMatchObject({
      chosen: { filter: { state: "act" } },
      act: { kind: "start" },
    });
  });
});
