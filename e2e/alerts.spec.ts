import { expect, type Page } from "@playwright/test";
import { open } from "./support/look";
import { startMailSink, startWebhookSink } from "./support/sinks";
import { test } from "./support/test";

const SETTINGS = "/settings/alerts?entity=MODA-EU";

/** Sets the amount from which an exception of MODA-EU is an alert. */
async function setAmount(admin: Page, opens: string, closes: string, why: string): Promise<void> {
  await open(admin, SETTINGS);
  await admin.getByText("Change “Large exception”").click();
  const form = admin.getByRole("form", { name: "Large exception" });
  await form.getByLabel("Opens at (amount)").fill(opens);
  await form.getByLabel("Closes below (amount)").fill(closes);
  await form.getByLabel("Why").fill(why);
  await form.getByRole("button", { name: "Save: Large exception" }).click();
  await expect(admin.getByText(`: ${why}`)).toBeVisible({ timeout: 20_000 });
}

/** Looks at a page again until it shows something: alerts are looked at in the background. */
const until = (page: Page, address: string, isSo: () => Promise<void>): Promise<void> =>
  expect(async () => {
    await open(page, address);
    await isSo();
  }).toPass({ timeout: 60_000 });

test("the bell leads to an alert, which is acknowledged, and closes by itself when its bound is another", async ({
  pageOf,
}) => {
  const admin = await pageOf("admin");
  await open(admin, SETTINGS);
  await admin.getByText("Change “Large exception”").click();
  const form = admin.getByRole("form", { name: "Large exception" });
  await form.getByLabel("Closes below (amount)").fill("5000");
  await form.getByLabel("Why").fill("To see what happens.");
  await form.getByRole("button", { name: "Save: Large exception" }).click();
  await expect(form.getByText(/It would close above the bound/)).toBeVisible();
  await setAmount(admin, "2", "1", "So that there is one.");

  const page = await pageOf("preparer");
  const alerts = page.getByRole("list", { name: "Alerts" });
  // Of less than 900, so that it is over once the bounds are as they come.
  const large = alerts
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: /^(\d{1,2}|[1-8]\d\d)\.\d\d EUR: / }) });
  await until(page, "/alerts", async () => {
    await expect(large.first()).toBeVisible({ timeout: 2000 });
  });
  await open(page, "/orders");
  const bell = page.getByRole("link", { name: /^Alerts, \d+ to look at$/ });
  const before = Number((await bell.getAttribute("aria-label"))?.match(/\d+/)?.[0]);
  expect(before).toBeGreaterThan(0);
  await bell.click();
  await expect(page).toHaveURL("/alerts");
  const acknowledge = large.first().getByRole("button", { name: /^Acknowledge: / });
  const title = ((await acknowledge.getAttribute("aria-label")) ?? "").replace("Acknowledge: ", "");
  const mine = alerts.getByRole("listitem").filter({ hasText: title });
  await acknowledge.click();
  // It may have been an alert before: the note is this one's.
  const note = `I call the ERP’s people (${Date.now()}).`;
  await page.getByLabel(/^Note for the others/).fill(note);
  await page.getByRole("button", { name: "I look after it" }).click();
  await expect(mine.first()).toContainText("Petra Preparer looks after it", { timeout: 20_000 });
  await expect(page.getByRole("link", { name: /^Alerts, / })).not.toHaveAccessibleName(
    `Alerts, ${before} to look at`,
  );

  // Several at once, by keyboard alone; where only one is left, it has its own button.
  const choices = large.getByRole("checkbox", { name: /^Select / });
  if ((await choices.count()) > 1) {
    const titles: string[] = [];
    for (const at of [0, 1]) {
      await choices.nth(at).focus();
      await page.keyboard.press("Space");
      titles.push(((await choices.nth(at).getAttribute("aria-label")) ?? "").replace("Select ", ""));
    }
    const both = page.getByRole("button", { name: "Acknowledge 2 selected…" });
    await both.focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Acknowledge these 2 alerts" });
    await expect(
      dialog.getByRole("list", { name: "What is acknowledged" }).getByRole("listitem"),
    ).toHaveCount(2);
    const together = `Both are mine (${Date.now()}).`;
    await page.keyboard.type(together);
    await page.keyboard.press("Enter");
    await expect(dialog).toHaveCount(0, { timeout: 20_000 });
    await expect(alerts.getByRole("listitem").filter({ hasText: together })).toHaveCount(2, {
      timeout: 20_000,
    });
    for (const one of titles)
      await expect(
        alerts.getByRole("listitem").filter({ hasText: one }).filter({ hasText: together }).first(),
      ).toContainText("Petra Preparer looks after it");
  }

  // Customer service is told of no amount.
  const service = await pageOf("service");
  await open(service, "/alerts");
  await expect(service.getByText(title)).toHaveCount(0);
  await expect(service.getByText("Large exception")).toHaveCount(0);

  await setAmount(admin, "1000", "900", "As it comes.");
  await until(page, "/alerts?show=closed", async () => {
    await expect(mine.filter({ hasText: note })).toContainText(
      /It is no longer watched for: the bounds were changed by Alex Admin|It is over\./,
      { timeout: 2000 },
    );
  });
});

test("an administrator connects a mail server and a webhook, and their tests really arrive", async ({
  pageOf,
}) => {
  const mail = await startMailSink({ user: "tieout", password: "a-password-of-ours" });
  const hook = await startWebhookSink();
  const admin = await pageOf("admin");
  try {
    await open(admin, SETTINGS);
    const server = admin.getByRole("form", { name: "Mail server" });
    await server.getByLabel("Server").fill("127.0.0.1");
    await server.getByLabel("Port").fill(String(mail.port));
    await server.getByLabel("Encryption").selectOption("none");
    await server.getByLabel("Sender").fill("alerts@example.com");
    await server.getByLabel("User").fill("tieout");
    await server.getByLabel("Password").fill("a-password-of-ours");
    await server.getByLabel("Why").fill("To be told.");
    await server.getByRole("button", { name: "Save the mail server" }).click();
    await admin.getByRole("button", { name: /^Send a test to admin@/ }).click({ timeout: 20_000 });
    await expect.poll(() => mail.mails.length, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(mail.mails.some((one) => one.text.includes("This is a test"))).toBe(true);

    const webhook = admin.getByRole("form", { name: "Webhook" });
    await webhook.getByLabel("Address").fill("http://example.com/hook");
    await webhook.getByLabel("Why").fill("Our pager.");
    await webhook.getByRole("button", { name: "Save the webhook" }).click();
    await expect(webhook.getByText(/expected https/)).toBeVisible();
    await webhook.getByLabel("Address").fill(hook.url);
    await webhook.getByRole("button", { name: "Save the webhook" }).click();
    await expect(webhook.getByText(/whsec_/)).toBeVisible({ timeout: 20_000 });
    await admin.getByRole("button", { name: "Send a test to the webhook" }).click();
    await expect.poll(() => hook.calls.length, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(hook.calls[0]?.headers["webhook-signature"]).toMatch(/^v1,/);
    const deliveries = admin.getByRole("table", { name: "Deliveries" });
    await expect(deliveries.getByRole("row", { name: /A test/ }).filter({ hasText: "Sent" })).not.toHaveCount(
      0,
      {
        timeout: 30_000,
      },
    );
    // Neither is shown again.
    const answer = await admin.request.get(SETTINGS);
    expect(await answer.text()).not.toMatch(/whsec_|a-password-of-ours/);
  } finally {
    // Nobody is written to by the tests that come after this one.
    await open(admin, SETTINGS);
    const server = admin.getByRole("form", { name: "Mail server" });
    await server.getByLabel("Send e-mail").uncheck();
    await server.getByLabel("Why").fill("The test is over.");
    await server.getByRole("button", { name: "Save the mail server" }).click();
    await expect(admin.getByRole("button", { name: /^Send a test to admin@/ })).toHaveCount(0, {
      timeout: 20_000,
    });
    const webhook = admin.getByRole("form", { name: "Webhook" });
    await webhook.getByLabel("Call it").uncheck();
    await webhook.getByLabel("Why").fill("The test is over.");
    await webhook.getByRole("button", { name: "Save the webhook" }).click();
    await expect(admin.getByRole("button", { name: "Send a test to the webhook" })).toHaveCount(0, {
      timeout: 20_000,
    });
    await mail.close();
    await hook.close();
  }
});

test("the feeds say what waits, whether peak mode is on, and what sources state of their limits", async ({
  pageOf,
}) => {
  const page = await pageOf("operations");
  await open(page, "/feeds?entity=MODA-EU");
  await expect(page.getByText(/^Peak mode (on|off)$/)).toBeVisible();
  const limits = page.getByRole("table", { name: "Rate limits as their sources stated them last" });
  await expect(limits.getByRole("row", { name: /^SCAYLE: / }).first()).toBeVisible();
  await expect(page.getByRole("table", { name: "Backlog by feed" })).toContainText("Orders");
});
