import "server-only";
import { forbidden } from "next/navigation";
import { type Actor, entitiesOf } from "@/lib/auth/actor";
import { type EntityName, listEntities } from "@/lib/auth/data";
import { pageActor } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { type Check, findCheck } from "./checks";
import { type AuditFilter, type AuditPage, findAbouts, readTrail } from "./data";
import type { Chain } from "./event";
import { AuditQuery } from "./schema";

const PAGE_SIZE = 50;

/** A chain that the reader may choose. */
export type ChainChoice = Readonly<{ chain: Chain; label: string }>;

export type AuditView = Readonly<{
  query: AuditQuery;
  choices: readonly ChainChoice[];
  chain: Chain;
  timeZone: string;
  trail: AuditPage;
  pageSize: number;
  abouts: readonly string[];
  /** when the whole chain was last recomputed, and what came of it */
  check: Check | null;
}>;

/** The trail of one chain. What concerns no single entity is for those whose right covers all of them. */
export async function loadAudit(asked: Readonly<Record<string, unknown>>): Promise<AuditView> {
  const actor = await pageActor("audit.read");
  const query = AuditQuery.parse(asked);
  const { entities, choices } = await choicesFor(actor);
  const chosen = query.chain === undefined ? choices[0] : choices.find(({ chain }) => chain === query.chain);
  if (!chosen) forbidden();
  const { chain } = chosen;
  const timeZone = entities.find(({ id }) => id === chain)?.timeZone ?? "UTC";
  const [trail, abouts, check] = await Promise.all([
    readTrail({ ...filterOf(query, chain, timeZone), page: query.page, pageSize: PAGE_SIZE }),
    findAbouts(chain),
    findCheck(appPool(), chain),
  ]);
  return { query, choices, chain, timeZone, trail, pageSize: PAGE_SIZE, abouts, check };
}

/** The filter of the audit page, for a chain that the reader may choose. */
export const filterOf = (query: AuditQuery, chain: Chain, timeZone: string): AuditFilter => ({
  chain,
  timeZone,
  outcome: query.outcome ?? null,
  from: query.from ?? null,
  until: query.until ?? null,
  about: query.about ?? null,
  search: query.q,
});

/** The chains that somebody may read, and their entities. */
export async function choicesFor(
  actor: Actor,
): Promise<Readonly<{ entities: readonly EntityName[]; choices: readonly ChainChoice[] }>> {
  const entities = await listEntities(actor, "audit.read");
  return { entities, choices: choicesOf(entities, entitiesOf(actor, "audit.read") === "all") };
}

const choicesOf = (entities: readonly EntityName[], all: boolean): ChainChoice[] => [
  ...entities.map(({ id, name }) => ({ chain: id, label: name })),
  ...(all ? [{ chain: "*", label: "No single entity: users, sign-ins, the whole system" }] : []),
];
