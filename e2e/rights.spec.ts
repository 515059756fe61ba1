import { expect, type Page } from "@playwright/test";
import { tieout } from "./support/command-line";
import { open } from "./support/look";
import { lastMonth } from "./support/month";
import { everybody, people, type Who } from "./support/people";
import { type Addresses, test } from "./support/test";

// What each role may do, written out: the product's own table of rights is what is tested here.
const finance = ["close", "lines", "exceptions", "exception", "orders", "order", "feeds", "run", "settings"];
const rights: Readonly<
  Record<Who, Readonly<{ menu: readonly string[]; opens: readonly string[]; does: readonly string[] }>>
> = {
  preparer: {
    menu: ["Close", "Exceptions", "Orders", "Feeds", "Audit", "Settings"],
    opens: [...finance, "audit"],
    does: ["Sync now", "Reconcile now", "Assign…", "Add comment", "Resync this order"],
  },
  reviewer: {
    menu: ["Close", "Exceptions", "Orders", "Feeds", "Audit", "Settings"],
    opens: [...finance, "audit"],
    does: ["Sync now", "Reconcile now", "Assign…", "Add comment", "Resync this order"],
  },
  operations: {
    menu: ["Close", "Exceptions", "Orders", "Feeds", "Settings"],
    opens: finance,
    does: ["Sync now", "Reconcile now", "Assign…", "Add comment", "Resync this order"],
  },
  service: { menu: ["Orders"], opens: ["orders", "order"], does: ["Resync this order"] },
  auditor: {
    menu: ["Close", "Exceptions", "Orders", "Feeds", "Audit", "Settings"],
    opens: [...finance, "audit"],
    does: ["Add comment"],
  },
  admin: {
    menu: ["Close", "Exceptions", "Orders", "Feeds", "Audit", "Settings"],
    opens: [...finance, "audit"],
    does: ["Sync now", "Reconcile now", "Assign…", "Add comment", "Resync this order"],
  },
};
const REFUSED = "You may not see this page";

/** One page of each kind, and the heading that only the open page has. */
const pagesOf = ({ exception, order, run }: Addresses) => ({
  close: { address: `/close/${lastMonth()}`, heading: />Close of [A-Z][a-z]+ \d{4}<\/h1>/ },
  lines: { address: `/close/${lastMonth()}/lines?entity=MODA-EU`, heading: />Lines of SCAYLE, [^<]+<\/h1>/ },
  exceptions: { address: "/exceptions", heading: />Exceptions<\/h1>/ },
  exception: { address: exception, heading: />Price wrong · [^<]+<\/h1>/ },
  orders: { address: "/orders", heading: />Orders<\/h1>/ },
  order: { address: order, heading: />Order [^<]+<\/h1>/ },
  feeds: { address: "/feeds", heading: />Feeds<\/h1>/ },
  run: { address: run, heading: />(Sync|Reconciliation) of [^<]+<\/h1>/ },
  audit: { address: "/audit", heading: />Audit<\/h1>/ },
  settings: { address: "/settings", heading: />Settings<\/h1>/ },
});

for (const who of everybody) {
  const { menu, opens, does } = rights[who];

  test(`${people[who].title} sees the places they may go to, and no other page opens`, async ({
    pageOf,
    addresses,
  }) => {
    const page = await pageOf(who);
    for (const [name, { address, heading }] of Object.entries(pagesOf(addresses))) {
      if (opens.includes(name)) {
        // What an open page looks like is looked at elsewhere: here its answer is enough.
        const answer = await page.request.get(address);
        expect.soft(answer.status(), `${who} opens ${name}`).toBe(200);
        expect.soft(await answer.text(), `${who} opens ${name}`).toMatch(heading);
      } else {
        const answer = await page.goto(address);
        expect.soft(answer?.status(), `${who} is refused ${name}`).toBe(403);
        await expect.soft(page.getByRole("heading", { level: 1 }), `${who}: ${name}`).toHaveText(REFUSED);
        await expect.soft(page.getByRole("table"), `${who} is shown nothing of ${name}`).toHaveCount(0);
      }
    }
    await open(page, "/orders");
    await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link")).toHaveText([...menu]);
  });

  test(`${people[who].title} is offered what they may do and nothing else`, async ({ pageOf, addresses }) => {
    const page = await pageOf(who);
    const offered = new Set<string>();
    for (const address of [`/close/${lastMonth()}`, addresses.exception, addresses.order, "/feeds"]) {
      await open(page, address);
      for (const name of await buttonsOf(page)) offered.add(name);
    }
    const acts = ["Sync now", "Reconcile now", "Assign…", "Add comment", "Resync this order"];
    expect(acts.filter((name) => offered.has(name))).toEqual(does);
  });
}

test("customer service sees the amounts of the order it looks at, and no totals", async ({
  pageOf,
  addresses,
}) => {
  const page = await pageOf("service");
  for (const address of ["/orders", addresses.order]) {
    await open(page, address);
    await expect(page.getByRole("region", { name: /^Tie-out/ })).toHaveCount(0);
    await expect(page.getByText("unexplained", { exact: false })).toHaveCount(0);
    await expect(page.locator('main a[href^="/close"], main a[href^="/exceptions"]')).toHaveCount(0);
  }
  await expect(page.getByRole("heading", { name: "Where it stands" })).toBeVisible();
  // A sale has one, and each credit another.
  await expect(page.getByRole("row", { name: /^Sum in EUR/ }).first()).toBeVisible();
  await expect(page.getByRole("list", { name: "Exceptions of this order" })).toContainText("owns it");
});

test("a right for one entity opens that entity's books and refuses the other's", async ({
  page,
  addresses,
}) => {
  const email = `london-${Date.now()}@example.com`;
  const password = "twelve letters and more";
  const words = ["--role", "finance-preparer", "--entity", "MODA-UK", "--name", "Lena London"];
  tieout("user", "add", email, ...words, "--password", password);

  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(`/close/${lastMonth()}`);
  await expect(page.getByLabel("Entity", { exact: true }).getByRole("option")).toHaveText(["Moda UK · GBP"]);
  await expect(page.getByRole("region", { name: "Tie-out in GBP" })).toBeVisible();

  for (const address of [`/close/${lastMonth()}`, `/close/${lastMonth()}/lines`, "/exceptions", "/feeds"]) {
    await page.goto(`${address}?entity=MODA-EU`);
    await expect.soft(page.getByRole("heading", { level: 1 }), address).toHaveText(REFUSED);
    await expect.soft(page.getByText("EUR"), address).toHaveCount(0);
  }
  // Of a record of the other entity it is not even said that it is there.
  for (const address of [addresses.exception, addresses.order]) {
    await open(page, address);
    await expect.soft(page.getByRole("heading", { level: 1 }), address).toHaveText("Not found");
  }
});

async function buttonsOf(page: Page): Promise<readonly string[]> {
  const names = await page.locator("main").getByRole("button").allTextContents();
  return names.map((name) => name.trim());
}
