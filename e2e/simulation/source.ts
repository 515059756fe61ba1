import { lastModified } from "@/lib/sandbox/bc-document";
import { DAY, SECOND } from "@/lib/sandbox/calendar";
import type { ErpDocument, SandboxOrder, World } from "@/lib/sandbox/model";
import { newestEvent, orderEvents } from "@/lib/sandbox/scayle-events";
import { makeWorld } from "@/lib/sandbox/world";

/** The entity that is read; the other one's records are another's. */
export const ENTITY = "MODA-EU";
const ANCHOR = "2026-10";

/** What the sources of a seed hold: the judge of what must have arrived. Shares nothing with how it is read. */
export type Source = Readonly<{
  world: World;
  orders: readonly SandboxOrder[];
  documents: readonly ErpDocument[];
  /** each instant at which something changes, oldest first */
  changes: readonly number[];
}>;

export function makeSource(seed: number, size: number): Source {
  const world = makeWorld({ seed, orders: size, anchor: ANCHOR, faults: "planted", faultsPerKind: 1 });
  const orders = world.affairs.map((one) => one.order).filter((one) => one.entity === ENTITY);
  const documents = world.affairs.flatMap((one) => one.documents).filter((one) => one.entity === ENTITY);
  const events = [
    ...orders.flatMap(orderEvents),
    ...documents.flatMap((one) => [one.draftedAt, one.postedAt, one.paidAt, one.canceledAt]),
  ];
  const changes = events.filter((one) => one !== null).sort((a, b) => a - b);
  return { world, orders, documents, changes };
}

/** The next instant at which something changes; a day later where nothing does before. */
export const nextChange = ({ changes }: Source, at: number): number =>
  Math.min(changes.find((one) => one > at) ?? at + DAY, at + DAY) + SECOND;

type HeldOrder = Readonly<{ id: string; modifiedAt: number; readable: boolean; month: string }>;
type HeldDocument = Readonly<{
  id: string;
  modifiedAt: number;
  posted: boolean;
  lines: number;
  /** signed, in minor units */
  gross: bigint;
  month: string;
}>;

/** Every order that there is at an instant, with the time of its newest version. */
export const ordersAt = ({ orders }: Source, at: number): readonly HeldOrder[] =>
  orders.flatMap((order) => {
    const modifiedAt = newestEvent(orderEvents(order), at);
    if (modifiedAt === null) return [];
    const month = new Date(order.createdAt).toISOString().slice(0, 7);
    return [{ id: String(order.id), modifiedAt, readable: !order.broken, month }];
  });

/** Every document of the ERP that there is at an instant, with the time of its newest version. */
export const documentsAt = ({ documents }: Source, at: number): readonly HeldDocument[] =>
  documents.flatMap((document) => {
    const modifiedAt = lastModified(document, at);
    if (modifiedAt === null) return [];
    const gross = document.lines.reduce((sum, line) => sum + line.gross, 0n);
    return [
      {
        id: document.id,
        modifiedAt,
        posted: document.postedAt !== null && document.postedAt <= at,
        lines: document.lines.length,
        gross: document.kind === "sale" ? gross : -gross,
        month: document.postingDate.slice(0, 7),
      },
    ];
  });
