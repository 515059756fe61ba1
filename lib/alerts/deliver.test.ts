import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { startMailSink, startWebhookSink } from "@/e2e/support/sinks";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { makeException, makeUser } from "@/lib/exceptions/fixtures";
import { prepare } from "@/lib/sync/store/fixtures";
import { signatureOf } from "@/lib/webhooks/secrets";
import { findChannels, listDeliveries } from "./data";
import { deliverAlert, WAITS } from "./deliver";
import { countAll, join, openAlerts } from "./fixtures";
import { acknowledgeAlerts, saveMailServer, saveWebhookTarget, sendAgain, sendTest } from "./mutations";
import { SaveMail, SaveWebhook } from "./schema";
import { watchAlerts } from "./watch";

const PASSWORD = "correct-horse-battery";
process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";
process.env["NEXTAUTH_URL"] = "https://tieout.example.com";

let database: TestDatabase;
let finance: Actor;
let operations: Actor;
let service: Actor;
let admin: Actor;
let mail: Awaited<ReturnType<typeof startMailSink>>;
let hook: Awaited<ReturnType<typeof startWebhookSink>>;
const said: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  await prepare(pool);
  finance = await makeUser(pool, "finance-preparer", null);
  operations = await makeUser(pool, "operations", null);
  service = await makeUser(pool, "customer-service", null);
  admin = await makeUser(pool, "administrator", null);
  await join(pool, "finance", finance.id);
  await join(pool, "operations", operations.id);
  // Somebody put them into the team: they still see no amounts.
  await join(pool, "finance", service.id);
  mail = await startMailSink({ user: "tieout", password: PASSWORD });
  hook = await startWebhookSink();
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await mail.close();
  await hook.close();
  await database.close();
});
beforeEach(async () => {
  for (const table of ["alert", "alert_delivery", "alert_channel", "exception", "root_cause_amount", "feed"])
    await database.ownerPool.query(`DELETE FROM "${table}"`);
  await database.ownerPool.query("DELETE FROM graphile_worker._private_jobs");
});
afterEach(() => {
  mail.mails.length = 0;
  hook.calls.length = 0;
  mail.state.refuse = null;
  hook.state.status = 204;
  hook.state.location = null;
});

const NOON = new Date("2026-11-10T12:00:00Z");
const later = (minutes: number): Date => new Date(NOON.getTime() + minutes * 60_000);
const run = (sql: string, values: unknown[] = []) => database.ownerPool.query(sql, values);

const mailSettings = (changes: object = {}) =>
  SaveMail.parse({
    ...{ host: "127.0.0.1", port: mail.port, security: "none", from: "alerts@example.com", user: "tieout" },
    ...changes,
    password: PASSWORD,
    enabled: true,
    reason: "Alerts go to people.",
  });
const connectMail = () => saveMailServer(admin, mailSettings(), { now: NOON });
const connectWebhook = async (): Promise<string> => {
  const target = SaveWebhook.parse({ url: hook.url, enabled: true, newSecret: false, reason: "Our pager." });
  return (await saveWebhookTarget(admin, target, { now: NOON })).key ?? "";
};

const makeBehind = () =>
  run(
    `INSERT INTO feed (id, connection_id, entity_id, resource, interval_seconds, promise_seconds, confirmed_until)
     SELECT 'E1/orders', id, 'E1', 'orders', 900, 3600, $1 FROM connection WHERE side = 'scayle'`,
    [later(-1000)],
  );
const makeLarge = async () => {
  await makeException(database.ownerPool, { entityId: "E1", name: "LARGE", gross: 500_000n });
  await countAll(database.ownerPool, "E1", NOON);
};

/** Does the deliveries that the queue has jobs for, as a worker would; the clock of each is given. */
async function deliverAll(now: Date): Promise<number> {
  const { rows } = await run(
    `DELETE FROM graphile_worker._private_jobs j USING graphile_worker._private_tasks t
      WHERE t.id = j.task_id AND t.identifier = 'deliver-alert' RETURNING j.payload`,
  );
  for (const { payload } of rows)
    await deliverAlert(database.ownerPool, payload.deliveryId, { fetch, now: () => now });
  return rows.length;
}
const watch = (now: Date) => watchAlerts(database.ownerPool, "E1", now);
const states = async () =>
  (await run("SELECT channel, event, state, tries, outcome FROM alert_delivery ORDER BY channel, event"))
    .rows;

describe("an alert that opens", () => {
  it("reaches the owning team by e-mail and a webhook that its receiver can verify, is acknowledged, and is told to be over", async () => {
    await connectMail();
    const key = await connectWebhook();
    await makeBehind();
    await watch(NOON);
    await deliverAll(NOON);
    expect(mail.mails).toHaveLength(1);
    const [letter] = mail.mails;
    expect(letter).toMatchObject({ from: "alerts@example.com", to: [operations.email], user: "tieout" });
    expect(letter?.text).toContain("Subject: Behind: Orders (E1)");
    expect(letter?.text).toContain("Owner: Operations");
    expect(letter?.text).toContain("What to do first: Open the feed");
    expect(letter?.text).toContain("https://tieout.example.com/feeds/feed?id=E1%2Forders");

    expect(hook.calls).toHaveLength(1);
    const [call] = hook.calls;
    expect(call?.headers["webhook-timestamp"]).toBe(String(NOON.getTime() / 1000));
    expect(verified(call, key)).toMatchObject({
      type: "alert.opened",
      data: { kind: "feed-behind", entity: "E1", owner: "Operations", title: "Behind: Orders" },
    });
    expect(() => verified(call, `whsec_${Buffer.alloc(32).toString("base64")}`)).toThrow();
    expect(() => verified(call && { ...call, body: `${call.body} ` }, key)).toThrow();

    const [alert] = await openAlerts(database.ownerPool, "E1");
    await acknowledgeAlerts(
      operations,
      { alerts: [{ entityId: "E1", id: alert?.id ?? "" }], note: "" },
      { now: later(1) },
    );
    await run("UPDATE feed SET confirmed_until = $1", [later(5)]);
    await watch(later(5));
    await deliverAll(later(5));
    expect(mail.mails[1]?.text).toContain("Subject: Closed: Behind: Orders (E1)");
    expect(verified(hook.calls[1], key, later(5))).toMatchObject({
      type: "alert.closed",
      data: { id: alert?.id, closedWhy: "It is over." },
    });
    expect((await states()).every((one) => one.state === "sent")).toBe(true);
    // Whatever is asked again is not sent again.
    await watch(later(6));
    expect(await deliverAll(later(6))).toBe(0);
  });

  it("is told to nobody who could not see it: amounts are no matter of customer service, team or not", async () => {
    await connectMail();
    await makeLarge();
    await watch(NOON);
    await deliverAll(NOON);
    expect(mail.mails.map((one) => one.to)).toEqual([[finance.email]]);
    expect(mail.mails[0]?.text).toContain("5,000.00 EUR");
    // A right that is taken away before it is sent counts, too.
    await run("DELETE FROM alert_delivery");
    await run("DELETE FROM alert");
    await watch(later(1));
    await run(`UPDATE "grant" SET role = 'customer-service' WHERE user_id = $1`, [finance.id]);
    await deliverAll(later(1));
    await run(`UPDATE "grant" SET role = 'finance-preparer' WHERE user_id = $1`, [finance.id]);
    expect(mail.mails).toHaveLength(1);
    expect(await states()).toMatchObject([
      { state: "dropped", outcome: expect.stringContaining("may not see") },
    ]);
  });

  it("is told to nobody where nothing is set up", async () => {
    await makeBehind();
    await watch(NOON);
    expect(await openAlerts(database.ownerPool, "E1")).toHaveLength(1);
    expect(await states()).toEqual([]);
  });

  it("is not told of where the transaction that opens it is undone", async () => {
    await connectWebhook();
    await makeBehind();
    await run("ALTER TABLE alert_delivery ADD CONSTRAINT broken CHECK (channel <> 'webhook')");
    await expect(watch(NOON)).rejects.toThrow(/broken/);
    await run("ALTER TABLE alert_delivery DROP CONSTRAINT broken");
    expect(await openAlerts(database.ownerPool, "E1")).toEqual([]);
    expect(await watch(NOON)).toEqual({ opened: 1, closed: 0 });
    await deliverAll(NOON);
    expect(hook.calls).toHaveLength(1);
  });
});

describe("what can't be sent", () => {
  it("is tried again with the same id, more and more seldom, fails in the end, and can be sent again", async () => {
    const key = await connectWebhook();
    await makeBehind();
    hook.state.status = 503;
    await watch(NOON);
    let now = NOON;
    for (const wait of WAITS) {
      await deliverAll(now);
      const { rows } = await run(`SELECT next_at AS at, outcome, state FROM alert_delivery`);
      expect(rows).toEqual([
        {
          at: new Date(now.getTime() + wait),
          outcome: "The receiver answered HTTP 503.",
          state: "waiting",
        },
      ]);
      now = rows[0].at;
    }
    await deliverAll(now);
    expect(await states()).toMatchObject([{ state: "failed", tries: WAITS.length + 1 }]);
    expect(await deliverAll(now)).toBe(0);
    const [failed] = await listDeliveries(admin, 10);
    expect(failed).toMatchObject({ state: "failed", to: "the webhook", title: "Behind: Orders" });

    hook.state.status = 200;
    await expect(sendAgain(operations, { id: failed?.id ?? "" }, { now })).rejects.toMatchObject({
      code: "not-allowed",
    });
    await sendAgain(admin, { id: failed?.id ?? "" }, { now });
    await deliverAll(now);
    expect(await states()).toMatchObject([{ state: "sent", outcome: "HTTP 200" }]);
    expect(new Set(hook.calls.map((call) => call.headers["webhook-id"]))).toEqual(new Set([failed?.id]));
    expect(verified(hook.calls.at(-1), key, now)).toMatchObject({ type: "alert.opened" });
  });

  it("follows no redirect, and stops at 410", async () => {
    await connectWebhook();
    await makeBehind();
    hook.state.status = 307;
    hook.state.location = hook.url;
    await watch(NOON);
    await deliverAll(NOON);
    expect(hook.calls).toHaveLength(1);
    hook.state.status = 410;
    await deliverAll(later(1));
    expect(await states()).toMatchObject([{ state: "failed", outcome: "The receiver answered HTTP 410." }]);
  });

  it("says what the mail server said, without the password", async () => {
    await saveMailServer(admin, { ...mailSettings(), password: "wrong-password-here" }, { now: NOON });
    await makeBehind();
    await watch(NOON);
    await deliverAll(NOON);
    const [refused] = await states();
    expect(refused).toMatchObject({ state: "waiting", tries: 1, outcome: expect.stringContaining("535") });
    expect(refused.outcome).not.toContain("wrong-password-here");
    await connectMail();
    mail.state.refuse = { code: 550, message: "No such mailbox" };
    await deliverAll(later(1));
    expect(await states()).toMatchObject([
      { state: "failed", outcome: expect.stringContaining("No such mailbox") },
    ]);
  });
});

describe("alerts that begin together", () => {
  const behind = (entityId: string, resource: string) =>
    run(
      `INSERT INTO feed (id, connection_id, entity_id, resource, interval_seconds, promise_seconds, confirmed_until)
       SELECT $2 || '/' || $3, id, $2, $3, 900, 3600, $1 FROM connection WHERE side = 'scayle'`,
      [later(-1000), entityId, resource],
    );
  const both = async (): Promise<void> => {
    await run(
      `INSERT INTO entity (id, name, currency, time_zone) VALUES ('E2', 'Another', 'EUR', 'UTC') ON CONFLICT DO NOTHING`,
    );
    for (const [entity, resource] of [
      ["E1", "orders"],
      ["E1", "invoices"],
      ["E2", "orders"],
    ] as const)
      await behind(entity, resource);
    await watchAlerts(database.ownerPool, "E1", NOON);
    await watchAlerts(database.ownerPool, "E2", later(0.1));
  };
  const mailsAt = async () =>
    (
      await run(
        `SELECT j.run_at AS at FROM graphile_worker._private_jobs j JOIN alert_delivery d ON d.id = (j.payload ->> 'deliveryId')::uuid
          WHERE d.channel = 'email' ORDER BY 1`,
      )
    ).rows.map((row) => row.at);

  it("are one e-mail to each person, each with whose it is, what to do first and a link; the webhook has one call each", async () => {
    await connectMail();
    const key = await connectWebhook();
    await both();
    // An e-mail waits for what begins within the minute.
    expect(await mailsAt()).toEqual([later(1), later(1), later(1.1)]);
    await deliverAll(later(2));
    expect(mail.mails.map((one) => one.to)).toEqual([[operations.email]]);
    const text = mail.mails[0]?.text ?? "";
    expect(text).toContain("Subject: 3 alerts opened (E1, E2)");
    const blocks = text.split(/\d of 3\. /).slice(1);
    expect(blocks).toHaveLength(3);
    for (const [at, name, address] of [
      [0, "(E1)", "https://tieout.example.com/feeds/feed?id=E1%2F"],
      [1, "(E1)", "https://tieout.example.com/feeds/feed?id=E1%2F"],
      [2, "Behind: Orders (E2)", "https://tieout.example.com/feeds/feed?id=E2%2Forders"],
    ] as const) {
      expect(blocks[at]).toContain(name);
      expect(blocks[at]).toContain("Owner: Operations");
      expect(blocks[at]).toContain("What to do first: Open the feed");
      expect(blocks[at]).toContain(address);
    }
    expect(text.match(/You get this because/g)).toHaveLength(1);
    expect(hook.calls).toHaveLength(3);
    expect(new Set(hook.calls.map((call) => call.headers["webhook-id"])).size).toBe(3);
    for (const call of hook.calls)
      expect(verified(call, key, later(2))).toMatchObject({ type: "alert.opened" });
    expect((await states()).filter((one) => one.channel === "email")).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ state: "sent", tries: 1 })),
    );
    expect((await listDeliveries(admin, 10)).map((one) => one.together).sort()).toEqual([0, 0, 0, 2, 2, 2]);

    // What opens and what is over in a later round is another.
    await run("UPDATE feed SET confirmed_until = $1 WHERE id <> 'E2/orders'", [later(5)]);
    await behind("E1", "status");
    await watchAlerts(database.ownerPool, "E1", later(5));
    await deliverAll(later(7));
    expect(mail.mails).toHaveLength(2);
    const second = mail.mails[1]?.text ?? "";
    expect(second).toContain("Subject: 1 alert opened, 2 closed (E1)");
    expect(second).toMatch(/1 of 3\. Behind: [\s\S]*2 of 3\. Closed: Behind: [\s\S]*It is over\./);
  });

  it("are one e-mail however many jobs send it at once, and however often it has to be tried", async () => {
    await connectMail();
    await both();
    mail.state.refuse = { code: 451, message: "Come back later" };
    const { rows } = await run("SELECT id FROM alert_delivery WHERE channel = 'email'");
    const at = (now: Date) =>
      Promise.all(rows.map(({ id }) => deliverAlert(database.ownerPool, id, { fetch, now: () => now })));
    await at(later(1));
    expect(await states()).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ state: "waiting", tries: 1 })),
    );
    mail.state.refuse = null;
    await behind("E1", "status");
    await watch(later(2));
    await at(later(3));
    // What came meanwhile is no part of what was tried.
    expect(mail.mails).toHaveLength(1);
    expect(mail.mails[0]?.text).toContain("Subject: 3 alerts opened (E1, E2)");
    await deliverAll(later(4));
    expect(mail.mails).toHaveLength(2);
    expect(mail.mails[1]?.text).toContain("Subject: Behind: ");
    const { rows: letters } = await run("SELECT DISTINCT letter_id::text AS id FROM alert_delivery");
    const ids = mail.mails.map((one) => one.text.match(/Message-ID: <([0-9a-f-]+)@/)?.[1]);
    expect(new Set(ids)).toEqual(new Set(letters.map((row) => row.id)));
  });

  it("leave out what somebody may not see any more", async () => {
    await connectMail();
    await behind("E1", "orders");
    await makeLarge();
    await run("INSERT INTO team_member (team_id, user_id) VALUES ('operations', $1)", [finance.id]);
    await watch(NOON);
    await run(`UPDATE "grant" SET role = 'customer-service' WHERE user_id = $1`, [finance.id]);
    await deliverAll(later(1));
    await run(`UPDATE "grant" SET role = 'finance-preparer' WHERE user_id = $1`, [finance.id]);
    await run("DELETE FROM team_member WHERE team_id = 'operations' AND user_id = $1", [finance.id]);
    const text = mail.mails.find((one) => one.to[0] === finance.email)?.text ?? "";
    expect(text).toContain("Subject: Behind: Orders (E1)");
    expect(text).not.toContain("5,000.00");
  });
});

describe("a test", () => {
  it("really sends: to whoever asks, and to the webhook", async () => {
    await expect(sendTest(admin, { channel: "email" }, { now: NOON })).rejects.toMatchObject({
      code: "conflict",
    });
    await connectMail();
    const key = await connectWebhook();
    await expect(sendTest(operations, { channel: "email" }, { now: NOON })).rejects.toMatchObject({
      code: "not-allowed",
    });
    await sendTest(admin, { channel: "email" }, { now: NOON });
    await sendTest(admin, { channel: "webhook" }, { now: NOON });
    await deliverAll(NOON);
    expect(mail.mails).toMatchObject([
      { to: [admin.email], text: expect.stringContaining("This is a test") },
    ]);
    expect(verified(hook.calls[0], key)).toMatchObject({ type: "alert.test" });
  });
});

describe("secrets", () => {
  it("are kept sealed, are not readable for the app, and are in no answer, record or line of the log", async () => {
    await connectMail();
    const key = await connectWebhook();
    await makeBehind();
    hook.state.status = 500;
    await watch(NOON);
    await deliverAll(NOON);
    await expect(database.appPool.query("SELECT secret FROM alert_channel")).rejects.toThrow(
      /permission denied/,
    );
    const everything = JSON.stringify([
      [...(await findChannels()).values()],
      await listDeliveries(admin, 100),
      (await run("SELECT settings, encode(secret, 'escape') AS secret FROM alert_channel")).rows,
      (await run("SELECT before, after FROM audit_event")).rows,
      (await run("SELECT * FROM alert_delivery")).rows,
      (await run("SELECT payload FROM graphile_worker._private_jobs")).rows,
      said,
    ]);
    for (const secret of [
      PASSWORD,
      key,
      key.slice("whsec_".length),
      Buffer.from(PASSWORD).toString("base64"),
    ])
      expect(everything).not.toContain(secret);
    expect(everything).toContain("alerts@example.com");
  });

  it("stay as they are where none is given, and a key is answered once", async () => {
    await connectMail();
    await saveMailServer(admin, { ...mailSettings(), password: "" }, { now: NOON });
    await sendTest(admin, { channel: "email" }, { now: NOON });
    const key = await connectWebhook();
    expect(key).toMatch(/^whsec_/);
    expect(await connectWebhook()).toBe("");
    await sendTest(admin, { channel: "webhook" }, { now: NOON });
    await deliverAll(NOON);
    expect(mail.mails).toHaveLength(1);
    expect(verified(hook.calls[0], key)).toMatchObject({ type: "alert.test" });
    const target = SaveWebhook.parse({ url: hook.url, enabled: true, newSecret: true, reason: "It leaked." });
    const { key: anew } = await saveWebhookTarget(admin, target, { now: NOON });
    expect(anew).toMatch(/^whsec_/);
    expect(anew).not.toBe(key);
  });

  it("say at each field of the mail server what is wrong with it", () => {
    const wrong = { host: "https://smtp", port: "smtp", from: "alerts", reason: "x" };
    const { error } = SaveMail.safeParse({ ...mailSettings(), ...wrong });
    expect(z.flattenError(error as z.ZodError).fieldErrors).toEqual({
      host: ["A name like smtp.example.com, without a protocol."],
      port: ["A number from 1 to 65535."],
      from: ["An address like alerts@example.com."],
      reason: ["Say why, for whoever comes after you."],
    });
  });

  it("go to no address that is not encrypted, unless it is this machine's or a private network's", () => {
    const urls = { "http://example.com/x": false, "https://example.com/x": true, "http://10.0.0.7/x": true };
    for (const [url, isTaken] of Object.entries(urls))
      expect(
        SaveWebhook.safeParse({ url, enabled: true, newSecret: false, reason: "Our pager." }).success,
      ).toBe(isTaken);
    for (const [host, isTaken] of Object.entries({ "smtp.example.com": false, "127.0.0.1": true }))
      expect(SaveMail.safeParse({ ...mailSettings(), host }).success).toBe(isTaken);
  });
});

it("signs as the specification's own example has it", () => {
  const of = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330" };
  const body = Buffer.from('{"test": 2432232314}');
  expect(signatureOf(of, body, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toBe(
    "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
});

/** What a receiver reads with the official library. Throws where the signature does not hold. */
function verified(
  call: Readonly<{ headers: Readonly<Record<string, string>>; body: string }> | undefined,
  key: string,
  now: Date = NOON,
): unknown {
  vi.useFakeTimers({ now, toFake: ["Date"] });
  try {
    return new Webhook(key).verify(call?.body ?? "", { ...call?.headers });
  } finally {
    vi.useRealTimers();
  }
}
