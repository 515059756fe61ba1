import { createReadStream } from "node:fs";
import path from "node:path";
import { ownerPool } from "@/lib/db/pool";
import { builtInProfile } from "@/lib/import/profile";
import { importFile } from "@/lib/sync/import";

/** The entity that the bench keeps its books under. */
export const ENTITY = "BENCH";

const AT = new Date("2026-12-01T08:00:00Z");
export const CONTEXT = {
  actorName: "bench",
  actor: { kind: "command-line", id: "bench", name: "bench" },
  now: () => AT,
} as const;

/** Makes the entity whose books the files are; proposals of policies and tax codes count as soon as they are made. */
export async function prepareEntity(): Promise<void> {
  await ownerPool().query(
    `INSERT INTO entity (id, name, currency, time_zone, accept_proposals, second_person)
     VALUES ($1, 'Bench', 'EUR', 'Europe/Berlin', true, false)`,
    [ENTITY],
  );
}

/** Loads a file as `tieout import` does. Throws when it isn't stored whole. */
export async function loadFile(side: "sales" | "ledger", file: string): Promise<number> {
  const report = await importFile(
    {
      side,
      entityId: ENTITY,
      fileName: path.basename(file),
      open: () => createReadStream(file, { highWaterMark: 256 * 1024 }),
      profile: builtInProfile(side),
    },
    CONTEXT,
  );
  if (report.state !== "imported") {
    throw new Error(`${file} was not stored: ${JSON.stringify(report.errors.slice(0, 3))}`);
  }
  return report.rows;
}
