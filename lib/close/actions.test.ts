import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import { askToReopen, decideOnJournal, decideOnReopening, lock, markTask, sign, withdraw } from "./actions";
import { ENTITY, MONTH, makeBooks, person } from "./fixtures";
import { defaultTemplates } from "./templates";

// The actions themselves, as the browser calls them: whatever is not shown as a button can still be sent.

const present = vi.hoisted(() => ({ actor: null as Actor | null }));
vi.mock("@/lib/auth/session", () => ({
  requireActor: async () => {
    if (!present.actor) throw new Refusal("not-signed-in", "You are no longer signed in.");
    return present.actor;
  },
}));
vi.mock("next/cache", () => ({ revalidatePath: () => undefined }));

let database: TestDatabase;
let books: Awaited<ReturnType<typeof makeBooks>>;
const both = person("Both", ["finance-preparer", "finance-reviewer"]);
const petra = person("Petra", ["finance-preparer"]);
const rosa = person("Rosa", ["finance-reviewer"]);
const ralf = person("Ralf", ["finance-reviewer"]);
const admin = person("Admin", ["administrator"]);
const root = person("Root", ["administrator", "finance-preparer", "finance-reviewer"]);
const auditor = person("Auditor", ["auditor"]);
const operations = person("Omar", ["operations"]);
const elsewhere = person("Else", ["finance-preparer", "finance-reviewer"], "E2");

beforeAll(async () => {
  database = await createTestDatabase();
  books = await makeBooks(database.ownerPool);
  await books.sell("1");
  await books.reconcile();
});
afterAll(() => database.close());
beforeEach(() => {
  present.actor = null;
});

type Answer =
  | Readonly<{ serverError?: { code: string } | undefined; validationErrors?: unknown; data?: unknown }>
  | undefined;

/** What an action answers to somebody: "done", or the code of its refusal; and what the trail says of it. */
async function by(actor: Actor | null, act: () => Promise<Answer>) {
  present.actor = actor;
  const answer = await act();
  const outcome = answer?.validationErrors ? "invalid-input" : (answer?.serverError?.code ?? "done");
  const { rows } = await database.ownerPool.query<{ outcome: string; code: string | null; action: string }>(
    `SELECT outcome, after ->> 'code' AS code, action FROM audit_event WHERE actor_id = $1 ORDER BY at DESC, seq DESC LIMIT 1`,
    [actor?.id ?? ""],
  );
  return { outcome, recorded: rows[0] ?? null };
}
const refusedAs = (code: string) => ({ outcome: code, recorded: { outcome: "refused", code } });

const ofMonth = { entityId: ENTITY, month: MONTH };
const signing = async (hash?: string) => () =>
  books.hash().then((at) => sign({ ...ofMonth, hash: hash ?? at, note: "", remainderWhy: "" }));
const locking = (version?: number) => () =>
  books.period().then((held) => lock({ ...ofMonth, version: version ?? held.version }));

describe("an action that is sent without a button", () => {
  it("is refused to whoever may not sign or close, and that is kept", async () => {
    for (const actor of [admin, auditor, operations, elsewhere])
      expect(await by(actor, await signing())).toMatchObject(refusedAs("not-allowed"));
    for (const actor of [admin, auditor, operations, petra, elsewhere])
      expect(await by(actor, locking())).toMatchObject(refusedAs("not-allowed"));
    expect(await by(null, await signing())).toMatchObject({ outcome: "not-signed-in" });
  });

  it("is refused to whoever prepared, also through another role and as administrator", async () => {
    expect(await by(both, await signing())).toMatchObject({ outcome: "done" });
    expect(await by(both, await signing())).toMatchObject(refusedAs("not-allowed"));
    const [first] = await books.signed();
    expect(
      await by(ralf, () => withdraw({ ...ofMonth, id: first?.id ?? "", why: "Not mine." })),
    ).toMatchObject(refusedAs("not-allowed"));
    await by(both, () => withdraw({ ...ofMonth, id: first?.id ?? "", why: "Again." }));
    expect(await by(root, await signing())).toMatchObject({ outcome: "done" });
    expect(await by(root, await signing())).toMatchObject(refusedAs("not-allowed"));
    expect(await by(root, locking())).toMatchObject(refusedAs("conflict"));
  });

  it("is refused where it speaks of figures or a version that are not there any more", async () => {
    expect(await by(rosa, await signing("0".repeat(64)))).toMatchObject(refusedAs("conflict"));
    expect(await by(rosa, await signing())).toMatchObject({ outcome: "done" });
    const { version } = await books.period();
    expect(await by(rosa, locking(version - 1))).toMatchObject(refusedAs("conflict"));
    expect(await by(rosa, locking())).toMatchObject({ outcome: "done" });
    expect(await by(rosa, locking())).toMatchObject(refusedAs("conflict"));
    expect(await by(petra, await signing())).toMatchObject(refusedAs("conflict"));
  });

  it("is refused to whoever asked for a reopening, and to administrators", async () => {
    const ask = () => askToReopen({ ...ofMonth, reason: "An invoice was wrong.", hours: 2, order: "" });
    expect(await by(auditor, ask)).toMatchObject(refusedAs("not-allowed"));
    expect(await by(admin, ask)).toMatchObject(refusedAs("not-allowed"));
    expect(await by(root, ask)).toMatchObject({ outcome: "done" });
    const { rows } = await database.ownerPool.query("SELECT id FROM period_reopening WHERE state = 'asked'");
    const decide = () => decideOnReopening({ entityId: ENTITY, id: rows[0].id, approve: true, why: "" });
    for (const actor of [root, petra, admin, auditor, elsewhere])
      expect(await by(actor, decide)).toMatchObject(refusedAs("not-allowed"));
    expect((await books.period()).state).toBe("closed");
    expect(await by(ralf, decide)).toMatchObject({ outcome: "done" });
    expect(await by(rosa, decide)).toMatchObject(refusedAs("conflict"));
  });

  it("is refused to whoever did a task, and to whoever proposed a journal", async () => {
    const template = defaultTemplates(ENTITY).find(
      (one) => one.rule === null && one.needsReview && one.after.length === 0,
    );
    if (!template) throw new Error("the default checklist has a task that is reviewed");
    const mark = (act: "done" | "reviewed") => () =>
      markTask({ ...ofMonth, templateId: template.id, act, note: "" });
    expect(await by(auditor, mark("done"))).toMatchObject(refusedAs("not-allowed"));
    expect(await by(root, mark("done"))).toMatchObject({ outcome: "done" });
    expect(await by(root, mark("reviewed"))).toMatchObject(refusedAs("not-allowed"));
    const { rows } = await database.ownerPool.query(
      `INSERT INTO journal (id, entity_id, month, number, purpose, currency, posting_day, net, tax, gross, lines, reason, made_at, made_by_id, made_by)
       VALUES (gen_random_uuid(), $1, $2, 1, 'rounding', 'EUR', '2026-10-31', 1, 0, 1, '[]', 'x', now(), $3, 'Root') RETURNING id`,
      [ENTITY, MONTH, root.id],
    );
    const decide = () => decideOnJournal({ entityId: ENTITY, id: rows[0].id, approve: true, why: "" });
    for (const actor of [root, admin, petra])
      expect(await by(actor, decide)).toMatchObject(refusedAs("not-allowed"));
    expect(await by(rosa, decide)).toMatchObject({ outcome: "done" });
  });
});
