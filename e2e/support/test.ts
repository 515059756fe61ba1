import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
} from "@playwright/test";
import { lastMonth } from "./month";
import { emailOf, PASSWORD, type Who } from "./people";

type State = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** Addresses of one record of each kind, as the console itself links them. */
export type Addresses = Readonly<{ exception: string; order: string; run: string }>;

type Fixtures = {
  /** A page of somebody who is signed in; null: of nobody. */
  pageOf: (who: Who | null, options?: BrowserContextOptions) => Promise<Page>;
  /** What the browser complained of in this test. Each test ends with none, unless it empties the list itself. */
  complaints: string[];
};
type WorkerFixtures = {
  sessionOf: (who: Who) => Promise<State>;
  addresses: Addresses;
};

/** Playwright's test, with the sandbox's people and with an ear for what the browser complains of. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  complaints: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what is needed from the pattern
    async ({}, use) => {
      const complaints: string[] = [];
      await use(complaints);
      expect(complaints, "errors on the browser's console").toEqual([]);
    },
    { auto: true },
  ],

  page: async ({ page, complaints }, use) => {
    listen(page, complaints);
    await use(page);
  },

  pageOf: async ({ browser, complaints, sessionOf }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (who, options = {}) => {
      const context = await browser.newContext({
        ...options,
        ...(who !== null && { storageState: await sessionOf(who) }),
      });
      opened.push(context);
      const page = await context.newPage();
      listen(page, complaints);
      return page;
    });
    for (const context of opened) await context.close();
  },

  // Signing in through the form is a test of its own; the others begin with the cookie that it gives.
  sessionOf: [
    async ({ playwright }, use, { project }) => {
      const sessions = new Map<Who, State>();
      await use(async (who) => {
        const known = sessions.get(who);
        if (known) return known;
        const request = await playwright.request.newContext({ baseURL: project.use.baseURL ?? "" });
        const { csrfToken } = await (await request.get("/api/auth/csrf")).json();
        await request.post("/api/auth/callback/credentials", {
          form: { csrfToken, email: emailOf(who), password: PASSWORD, json: "true" },
        });
        const session = await request.storageState();
        await request.dispose();
        sessions.set(who, session);
        return session;
      });
    },
    { scope: "worker" },
  ],

  addresses: [
    async ({ browser, sessionOf }, use, { project }) => {
      const context = await browser.newContext({
        baseURL: project.use.baseURL ?? "",
        storageState: await sessionOf("auditor"),
      });
      const page = await context.newPage();
      await page.goto(`/exceptions?entity=MODA-EU&period=${lastMonth()}&cause=price-wrong`);
      // Any of them will do: other faults of the same order may have their own rows.
      const found = page.getByRole("table", { name: "Exceptions" }).getByRole("row").nth(1);
      const selected = await found.getByRole("link", { name: /open$/ }).getAttribute("href");
      const order = await found.locator('a[href^="/orders/"]').getAttribute("href");
      await page.goto("/feeds");
      const run = await page.locator('a[href^="/feeds/runs/"]').first().getAttribute("href");
      const id = new URL(selected ?? "", "http://localhost").searchParams.get("selected");
      await context.close();
      await use({ exception: `/exceptions/${id}`, order: order ?? "", run: run ?? "" });
    },
    { scope: "worker" },
  ],
});

/** Notes errors on the console and errors that no code caught. */
function listen(page: Page, complaints: string[]): void {
  const refused = new Set<string>();
  page.on("response", (response) => {
    // The browser says of each page that is refused or not there that it could not load it: that is the page's status.
    const isPage = response.request().isNavigationRequest() && response.status() < 500;
    if (isPage && !response.ok()) refused.add(response.url());
  });
  page.on("console", (message) => {
    if (message.type() !== "error" || refused.has(message.location().url)) return;
    complaints.push(`${page.url()}: ${message.text()} ${message.location().url}`);
  });
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
}
