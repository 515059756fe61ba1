import type pg from "pg";
import { type Inference, PolicyTally } from "@/lib/domain/tax/inference";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { candidatesFor, isSamePolicy } from "./candidates";
import { type HeaderCounts, headerOf, NO_HEADERS } from "./headers";
import { type Connection, population } from "./population";

/** What a connection's documents say, and (of SCAYLE) which calculator made the orders' totals, per shop. */
export type Evidence = Inference &
  Readonly<{
    headers: readonly (HeaderCounts & Readonly<{ shop: string }>)[];
  }>;

const FIRSTS = ["net", "tax"] as const;

/**
 * Holds every candidate policy, and the one in force, against the whole population of a connection's posted documents.
 * Streams: memory does not grow with the population.
 */
export async function inferRounding(
  client: pg.ClientBase | pg.Pool,
  connection: Connection,
  inForce: RoundingPolicy | null,
): Promise<Evidence> {
  const candidates = candidatesFor(connection.kind);
  const isKnown = inForce === null || candidates.some((one) => isSamePolicy(one, inForce));
  const tally = new PolicyTally(isKnown ? candidates : [...candidates, inForce]);
  const shops = new Map<string, Record<"net" | "tax", Record<keyof HeaderCounts, number>>>();
  for await (const documents of population(client, connection)) {
    for (const document of documents) {
      tally.add(document);
      if (connection.kind !== "scayle") continue;
      const shop = document.shopId ?? "";
      const counts = shops.get(shop) ?? { net: { ...NO_HEADERS }, tax: { ...NO_HEADERS } };
      for (const first of FIRSTS) counts[first][headerOf(document, first)] += 1;
      shops.set(shop, counts);
    }
  }
  const result = tally.result();
  // The order's total is made with the rule that makes its items.
  const first = (inForce ?? result.candidates[0]?.policy)?.first ?? "net";
  const headers = [...shops]
    .map(([shop, counts]) => ({ shop, ...counts[first] }))
    .sort((a, b) => (a.shop < b.shop ? -1 : 1));
  return { ...result, headers };
}
