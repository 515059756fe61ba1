import "server-only";
import { forbidden } from "next/navigation";
import { entitiesOf } from "@/lib/auth/actor";
import { type EntityName, listEntities } from "@/lib/auth/data";
import { pageActor } from "@/lib/auth/session";
import { type AuditPage, readTrail } from "./data";
import type { Chain } from "./event";
import { AuditQuery } from "./schema";
import { type ChainState, verifyChain } from "./verify";

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
  /** The whole chain, recomputed for this view. */
  state: ChainState;
}>;

/** The trail of one chain. What concerns no single entity is for those whose right covers all of them. */
export async function loadAudit(asked: Readonly<Record<string, unknown>>): Promise<AuditView> {
  const actor = await pageActor("audit.read");
  const query = AuditQuery.parse(asked);
  const entities = await listEntities(actor, "audit.read");
  const choices = choicesOf(entities, entitiesOf(actor, "audit.read") === "all");
  const chosen = query.chain === undefined ? choices[0] : choices.find(({ chain }) => chain === query.chain);
  if (!chosen) forbidden();
  const { chain } = chosen;
  const [trail, state] = await Promise.all([
    readTrail({
      chain,
      outcome: query.outcome ?? null,
      search: query.q,
      page: query.page,
      pageSize: PAGE_SIZE,
    }),
    verifyChain(chain),
  ]);
  const timeZone = entities.find(({ id }) => id === chain)?.timeZone ?? "UTC";
  return { query, choices, chain, timeZone, trail, pageSize: PAGE_SIZE, state };
}

const choicesOf = (entities: readonly EntityName[], all: boolean): ChainChoice[] => [
  ...entities.map(({ id, name }) => ({ chain: id, label: name })),
  ...(all ? [{ chain: "*", label: "No single entity: users, sign-ins, the whole system" }] : []),
];
