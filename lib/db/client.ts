import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { PrismaClient } from "@/lib/db/generated/client";
import { appPool } from "@/lib/db/pool";

const shared = globalThis as typeof globalThis & { tieoutClients?: WeakMap<pg.Pool, PrismaClient> };

/**
 * Prisma on the app's pool, for human-sized reads and writes. It connects at its first use, not when it is loaded,
 * so that a build needs no database.
 */
export const db: PrismaClient = new Proxy({} as PrismaClient, {
  get: (_, name) => {
    const client = clientOn(appPool());
    const value: unknown = Reflect.get(client, name);
    return typeof value === "function" ? value.bind(client) : value;
  },
});

function clientOn(pool: pg.Pool): PrismaClient {
  shared.tieoutClients ??= new WeakMap();
  const existing = shared.tieoutClients.get(pool);
  if (existing !== undefined) return existing;
  const client = new PrismaClient({ adapter: new PrismaPg(pool) });
  shared.tieoutClients.set(pool, client);
  return client;
}
