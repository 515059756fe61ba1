import { chromium, type Page } from "@playwright/test";
import type pg from "pg";
import { addUser } from "@/lib/auth/users";
import { findChromium } from "@/lib/cli/support/chromium.mjs";
import { inTransaction } from "@/lib/db/pool";
import { fillQueue, QUEUE_ENTITY } from "./queue";
import type { Served } from "./webhooks";

/** What was seen while the list was scrolled from its first row on, in a browser of 1440 × 900. */
export type ScrollMeasured = Readonly<{
  exceptions: number;
  /** the last row that was brought into sight */
  rows: number;
  seconds: number;
  /** frames a second over all of it, loading included */
  frames: number;
  /** milliseconds from one frame to the next: of a hundred the fifth longest, and the longest of all */
  p95: number;
  longest: number;
  /** the most rows that were drawn at once */
  drawn: number;
}>;

const PASSWORD = "scroll-through-the-queue";
const EMAIL = "scroll@example.test";
/** So far it is scrolled from frame to frame, in pixels: more than a screen of rows. */
const STRIDE = 1000;
const MINUTES = 6;

/** Scrolls the queue of so many exceptions through 100,000 rows, or through all there are, and counts the frames. */
export async function measureScroll(
  pool: pg.Pool,
  { exceptions, seed }: Readonly<{ exceptions: number; seed: number }>,
  serve: () => Promise<Served>,
): Promise<ScrollMeasured> {
  await fillQueue(pool, { exceptions, seed });
  await inTransaction(pool, (client) =>
    addUser(client, {
      email: EMAIL,
      name: "Scroller",
      role: "operations",
      entityId: null,
      password: PASSWORD,
      demo: false,
      at: new Date(),
    }),
  );
  const served = await serve();
  const program = await findChromium();
  const browser = await chromium.launch({
    ...(program !== null && { executablePath: program }),
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: served.url });
    const { csrfToken } = await (await context.request.get("/api/auth/csrf")).json();
    await context.request.post("/api/auth/callback/credentials", {
      form: { csrfToken, email: EMAIL, password: PASSWORD, json: "true" },
    });
    const page = await context.newPage();
    // The runner of TypeScript names functions by a helper of its own, which the page lacks.
    await page.addInitScript("globalThis.__name = (one) => one");
    page.setDefaultTimeout(MINUTES * 60_000);
    await page.goto(`/exceptions?entity=${QUEUE_ENTITY}`);
    await page.getByRole("table", { name: "Exceptions" }).waitFor();
    return { exceptions, ...(await scrollThrough(page)) };
  } finally {
    await browser.close();
    await served.stop();
  }
}

const scrollThrough = (page: Page): Promise<Omit<ScrollMeasured, "exceptions">> =>
  page.evaluate(
    ({ stride, minutes, wanted }) =>
      new Promise((resolve, reject) => {
        const found = document.querySelector<HTMLElement>('section[aria-label="Exceptions"]');
        if (!found) {
          reject(new Error("There is no list to scroll."));
          return;
        }
        const box = found;
        const gaps: number[] = [];
        const started = performance.now();
        let before = started;
        let drawn = 0;
        let rows = 0;
        let still = 0;
        const frame = (now: number) => {
          gaps.push(now - before);
          before = now;
          const seen = box.querySelectorAll<HTMLElement>("tr[data-index]");
          drawn = Math.max(drawn, seen.length);
          const last = Number(seen[seen.length - 1]?.dataset["index"] ?? 0) + 1;
          still = last > rows ? 0 : still + 1;
          rows = Math.max(rows, last);
          // Long without a further row: that is the end, or it is stuck.
          if (rows >= wanted || now - started > minutes * 60_000 || still > 600) {
            const sorted = gaps.slice(1).sort((a, b) => a - b);
            const seconds = (now - started) / 1000;
            resolve({
              rows,
              seconds,
              frames: gaps.length / seconds,
              p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0,
              longest: sorted.at(-1) ?? 0,
              drawn,
            });
            return;
          }
          box.scrollTop += stride;
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    { stride: STRIDE, minutes: MINUTES, wanted: 100_000 },
  );
