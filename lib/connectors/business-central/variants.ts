import { faultOf } from "../fault";
import type { Transport } from "./transport";
import { variantWire } from "./wire";

/** Codes of item variants by id in lower case. */
export type Variants = Readonly<{ codesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> }>;

/**
 * Reads all variants once, when the first line names one, and a single one that came later by its id.
 * A Business Central without the set (404), or credentials that may not read it, leave lines without a variant.
 */
export function createVariants(transport: Transport, company: string): Variants {
  const codes = new Map<string, string>();
  const unknown = new Set<string>();
  let listed = false;

  const learn = (entity: unknown): void => {
    const parsed = variantWire.safeParse(entity);
    if (parsed.success) codes.set(parsed.data.id.toLowerCase(), parsed.data.code);
  };

  return {
    async codesOf(ids) {
      if (ids.length > 0 && !listed) {
        await orNothing(async () => {
          for await (const page of transport.pages(`${company}/itemVariants`, { $select: "id,code" }, 5000))
            page.entities.forEach(learn);
        });
        listed = true;
      }
      for (const id of new Set(ids)) {
        if (codes.has(id) || unknown.has(id)) continue;
        await orNothing(async () => learn(await transport.one(`${company}/itemVariants(${id})`)));
        if (!codes.has(id)) unknown.add(id);
      }
      return codes;
    },
  };
}

/** What may not be read, or is not there, is left out. */
export async function orNothing(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (![403, 404].includes(faultOf(error)?.status ?? 0)) throw error;
  }
}
