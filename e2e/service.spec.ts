import { expect } from "@playwright/test";
import { type Exceptions, tieout } from "./support/command-line";
import { faultsOf, open, overhangOf, PHONE, whole } from "./support/look";
import { lastMonth } from "./support/month";
import { people } from "./support/people";
import { test } from "./support/test";

// Customer service answers what customers ask, from the order's page alone.

/** An order of the month with an exception of a cause. */
function orderWith(cause: string): Readonly<{ reference: string; id: string }> {
  const { exceptions } = tieout<Exceptions>(
    ...["exceptions", "--period", lastMonth(), "--entity", "MODA-EU", "--cause", cause],
  );
  const found = exceptions.find((one) => one.order !== null);
  if (!found?.order) throw new Error(`the sandbox plants ${cause} each month`);
  return { reference: found.order, id: found.id };
}

test("ten questions of customers are answered from the order's page by customer service", async ({
  pageOf,
}) => {
  const page = await pageOf("service");
  const { reference } = orderWith("credit-note-failed");
  await open(page, "/orders");

  // 1. "My order number is …": found while it is typed, without its prefix.
  const digits = /\d+$/.exec(reference)?.[0] ?? reference;
  await page.getByLabel("Find an order").pressSequentially(digits);
  const hits = page.getByRole("list", { name: "Orders found" });
  await expect(hits.getByRole("link", { name: reference })).toBeVisible();
  await hits.getByRole("link", { name: reference }).click();
  await whole(page);
  const card = page
    .getByRole("region", { name: "Where it stands" })
    .or(page.locator("section", { has: page.getByRole("heading", { name: "Where it stands" }) }));
  const stands = card.first();

  // 2. Was it shipped, and when?
  await expect(stands).toContainText(/shipped (on|from) \d+ \w{3} \d{4}/);
  // 3. What did I pay?
  await expect(stands).toContainText(/[\d,.]+ EUR were paid\./);
  // 4. Where is my refund?
  await expect(stands).toContainText(
    /A refund of [\d,.]+ EUR is due: the ERP has credited it; SCAYLE has no credit note for it yet\./,
  );
  // 5. What is wrong, and who has it?
  await expect(stands).toContainText(
    /The credit note is still missing in SCAYLE, so the refund may not have been started; finance has it/,
  );
  // 6. Until when?
  await expect(stands).toContainText(/due (Mon|Tues|Wednes|Thurs|Fri)day \d+ \w{3} \d{4}/);
  // 7. What happens next?
  await expect(stands).toContainText("Send the refund to SCAYLE again");
  // 8. What may I say?
  const tell = page.getByRole("region", { name: "Safe to tell the customer" });
  await expect(tell).toContainText("We are making sure that your refund is on its way.");
  await expect(tell).not.toContainText(/ERP|SCAYLE|finance/);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await tell.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByText("Copied.")).toBeVisible();
  // By the number that the customer knows, which SCAYLE shows them.
  const known = /the customer knows it as (\S+)/.exec(
    (await page.getByRole("main").textContent()) ?? "",
  )?.[1];
  expect(known).toBeTruthy();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`Your order ${known} `);
  // 9. By which parcel?
  await expect(page.getByRole("list", { name: "Parcels" })).toContainText(/Parcel JD\d+ with dhl/);
  // What it was paid with, and what for.
  await expect(page.getByRole("table", { name: "Payments" }).getByRole("row")).not.toHaveCount(1);
  await expect(page.getByRole("table", { name: "What it was for" })).toContainText(/\d+ items?/);
  // 10. Which items were in it?
  const items = page.getByRole("table", { name: "Items of the order" });
  expect(await items.getByRole("row").count()).toBeGreaterThan(1);
  await expect(items).toContainText("EUR");
  expect(await faultsOf(page)).toEqual([]);
});

test("a parcel, a name and a slip lead to the order; the customer is shown in full with a reason, on record", async ({
  pageOf,
}) => {
  const page = await pageOf("service");
  const { reference } = orderWith("price-wrong");
  await open(page, `/orders?q=${encodeURIComponent(reference)}&open=only`);
  await expect(page).toHaveURL(/\/orders\/[0-9a-f-]{36}/);
  const address = page.url();
  const customer = page
    .locator("section", { has: page.getByRole("heading", { name: "Customer", exact: true }) })
    .first();
  await expect(customer).toContainText("•••");
  await customer.getByLabel("Why do you need it in full?").fill("The customer is on the line");
  await customer.getByRole("button", { name: "Show in full" }).click();
  await expect(customer).toContainText("Shown in full until this page is left.");
  const name = (await customer.locator("dd").first().textContent()) ?? "";
  expect(name).not.toContain("•");

  for (const asked of [name, name.split(" ").reverse().join(" "), name.toUpperCase()]) {
    await open(page, `/orders?q=${encodeURIComponent(asked)}`);
    await expect(page.getByRole("list", { name: "Orders found" })).toContainText(
      "found by the customer’s name",
    );
  }
  // What is shown of whom is masked again.
  await expect(page.getByRole("main")).not.toContainText(name.split(" ")[1] ?? name);
  await open(page, address);
  await expect(customer).toContainText("•••");

  const auditor = await pageOf("auditor");
  await open(auditor, "/audit?about=customer");
  await expect(auditor.getByRole("main")).toContainText("Chris Service");
  await expect(auditor.getByRole("main")).toContainText("The customer is on the line");
  await expect(auditor.getByRole("main")).not.toContainText(name);
  await open(auditor, new URL(address).pathname);
  await expect(auditor.getByText("Your role sees first letters only.")).toBeVisible();
});

test("a question goes to finance, who answers it, and the answer stands on the order", async ({ pageOf }) => {
  const page = await pageOf("service");
  const { reference } = orderWith("price-wrong");
  await open(page, `/orders?q=${encodeURIComponent(reference)}&open=only`);
  const address = new URL(page.url()).pathname;
  const note = `Which price holds? (${Date.now()})`;
  await page.getByLabel("What do you need to know?").fill(note);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const questions = page.getByRole("list", { name: "Questions about this order" });
  await expect(questions).toContainText(note);
  await expect(questions).toContainText("Nobody works on it yet");

  const reviewer = await pageOf("reviewer");
  await open(reviewer, "/exceptions?entity=MODA-EU&cause=question");
  const row = reviewer
    .getByRole("table", { name: "Exceptions" })
    .getByRole("row")
    .filter({ hasText: reference });
  const selected = await row.first().getByRole("link", { name: /open$/ }).getAttribute("href");
  const id = new URL(selected ?? "", "http://localhost").searchParams.get("selected");
  await open(reviewer, `/exceptions/${id}`);
  await expect(reviewer.getByText(`${people.service.name} asks: ${note}`).first()).toBeVisible();
  await reviewer.getByLabel("Your answer").fill("The order’s price holds.");
  await reviewer.getByRole("button", { name: "Answer", exact: true }).click();
  await expect(reviewer.getByText("Answered. Whoever asked sees it on the order.")).toBeVisible();

  await open(page, "/orders");
  await expect(page.getByText(/^\d+ answers? to what you asked$/)).toBeVisible();
  const mine = page.getByRole("list", { name: "What you asked" });
  await expect(mine).toContainText("The order’s price holds.");
  await open(page, address);
  await expect(questions).toContainText("Answered");
  expect(await faultsOf(page)).toEqual([]);
});

test("the page of an order fits a phone", async ({ pageOf }) => {
  const page = await pageOf("service", { viewport: PHONE });
  const { reference } = orderWith("credit-note-failed");
  await open(page, `/orders?q=${encodeURIComponent(reference)}`);
  expect(await overhangOf(page)).toEqual([]);
  await page.getByRole("link", { name: reference }).click();
  await whole(page);
  expect(await overhangOf(page)).toEqual([]);
  expect(await faultsOf(page)).toEqual([]);
});
