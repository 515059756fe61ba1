import type pg from "pg";
import { paymentWords } from "@/lib/domain/code-words";
import type { bridgeParts } from "./schema";

/** What people call a step of a bridge, by its key as it is kept (lib/matching/differences). */
type LabelOf = (key: string) => string;

/** An order's kind of channel, which is its key where it names no channel. */
const OWN_CHANNELS: ReadonlySet<string> = new Set(["shop", "marketplace", "in_store"]);

/** What the steps of a bridge are called that is by something else than causes. */
export async function loadLabels(
  pool: pg.Pool,
  entityId: string,
  by: Exclude<(typeof bridgeParts)[number], "cause">,
): Promise<LabelOf> {
  switch (by) {
    case "shop": {
      const names = await namesIn(pool, "SELECT id AS key, name FROM shop WHERE entity_id = $1", entityId);
      return (key) => (key === "" ? "No order known" : (names.get(key) ?? key));
    }
    case "channel": {
      const names = await namesIn(
        pool,
        `SELECT h.key, min(h.name) AS name FROM channel h JOIN connection c ON c.id = h.connection_id
          WHERE c.entity_id = $1 GROUP BY 1`,
        entityId,
      );
      return (key) =>
        key === "" ? "No order known" : (names.get(key) ?? (OWN_CHANNELS.has(key) ? "Own shop" : key));
    }
    case "code":
      return (key) =>
        key === ""
          ? "No line of the ERP"
          : parts(key)
              .map((one) => (one === "-" ? "no code" : one))
              .join(" + ");
    case "payment":
      return (key) =>
        key === "?" ? "No order known" : key === "" ? "Not stated" : parts(key).map(paymentWords).join(" + ");
    case "day":
      return (key) => (key === "" ? "No day" : key);
  }
}

const parts = (key: string): readonly string[] => key.split(" + ");

async function namesIn(pool: pg.Pool, sql: string, entityId: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await pool.query<{ key: string; name: string | null }>(sql, [entityId]);
  return new Map(rows.flatMap(({ key, name }) => (name === null ? [] : [[key, name] as const])));
}
