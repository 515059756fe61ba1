import { expect } from "@playwright/test";
import { lastMonth, monthName } from "./support/month";
import { emailOf, everybody, PASSWORD, people } from "./support/people";
import { test } from "./support/test";

const close = `/close/${lastMonth()}`;
const landing = {
  preparer: { path: close, heading: `Close of ${monthName(lastMonth())}` },
  reviewer: { path: close, heading: `Close of ${monthName(lastMonth())}` },
  operations: { path: "/exceptions", heading: "Exceptions" },
  service: { path: "/orders", heading: "Orders" },
  auditor: { path: close, heading: `Close of ${monthName(lastMonth())}` },
  admin: { path: close, heading: `Close of ${monthName(lastMonth())}` },
} as const;

for (const who of everybody) {
  const { name, title } = people[who];
  test(`${title} signs in with one click and lands on their own page`, async ({ page }) => {
    await page.goto("/");
    await expect(page).toHaveURL(/\/sign-in$/);
    await page.getByRole("button", { name: `${title} ${name}` }).click();
    await expect(page).toHaveURL(landing[who].path);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(landing[who].heading);
    await expect(page.getByRole("button", { name: `Account of ${name} ${title}` })).toBeVisible();
  });
}

test("somebody who types address and password gets to the page that they asked for", async ({ page }) => {
  await page.goto("/feeds?entity=MODA-UK");
  await expect(page.getByRole("heading", { name: "Sign in", exact: true })).toBeVisible();
  await page.getByLabel("E-mail").fill(emailOf("operations"));
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL("/feeds?entity=MODA-UK");
  await expect(page.getByLabel("Entity", { exact: true })).toHaveValue("MODA-UK");
});

test("a wrong password is refused in words that do not tell who has an account", async ({
  page,
  complaints,
}) => {
  const refusal = page.getByRole("alert").filter({ hasText: "is not right" });
  const said: (string | null)[] = [];
  for (const email of [emailOf("reviewer"), "nobody@example.com"]) {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(refusal).toBeVisible();
    await expect(page).toHaveURL("/sign-in");
    said.push(await refusal.textContent());
  }
  expect(said[0]).toBe(said[1]);
  await page.goto("/exceptions");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fexceptions$/);
  // The browser logs each refused request for itself: two sign-ins.
  expect(complaints.splice(0).filter((one) => !one.includes("401"))).toEqual([]);
});

test("who signs out is out: the page they saw asks to sign in again", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Auditor Ada Auditor" }).click();
  await expect(page).toHaveURL(close);
  await page.getByRole("button", { name: "Account of Ada Auditor" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
  await page.goto(close);
  await expect(page).toHaveURL(`/sign-in?next=${encodeURIComponent(close)}`);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign in", exact: true })).toBeVisible();
});

test("an address outside of the console is not followed after signing in", async ({ page }) => {
  await page.goto("/sign-in?next=https://example.com/");
  await page.getByRole("button", { name: "Customer service" }).click();
  await expect(page).toHaveURL("/orders");
});
