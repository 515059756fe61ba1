import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Clerk, signIn } from "./api";
import { type Company, companyOf, foundCompany } from "./company";
import { startTryton, type TrytonServer } from "./server";

/**
 * A Tryton of a test's own with its company founded. Making the database takes most of a minute: whichever test of a run is first
 * makes it, and each works on a copy.
 */
export async function openTryton(): Promise<
  Readonly<{ tryton: TrytonServer; clerk: Clerk; company: Company }>
> {
  const template = path.join(process.env["TEST_FOLDER"] ?? "", "tryton");
  while (!existsSync(template)) await makeOrWait(template);
  const tryton = await startTryton(path.join(template, DATA));
  const clerk = await signIn(tryton.url);
  const ids: unknown = JSON.parse(await readFile(path.join(template, IDS), "utf8"));
  return { tryton, clerk, company: await companyOf(clerk, ids) };
}

const DATA = "data";
const IDS = "company.json";
const MAKER = "maker";

/** Makes the template, unless another process is at it: then it waits a moment. One that could not, or is gone, is followed. */
async function makeOrWait(template: string): Promise<void> {
  const unfinished = `${template}.unfinished`;
  const isMine = await mkdir(unfinished).then(
    () => true,
    () => false,
  );
  const maker = path.join(unfinished, MAKER);
  if (!isMine) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const pid = await readFile(maker, "utf8").catch(() => null);
    if (pid !== null && !isAlive(Number(pid))) await rm(unfinished, { recursive: true, force: true });
    return;
  }
  try {
    await writeFile(maker, String(process.pid));
    const tryton = await startTryton();
    try {
      const ids = await foundCompany(await signIn(tryton.url));
      await tryton.kill();
      await cp(tryton.data, path.join(unfinished, DATA), { recursive: true });
      await writeFile(path.join(unfinished, IDS), JSON.stringify(ids));
    } finally {
      await tryton.close();
    }
    await rename(unfinished, template);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
