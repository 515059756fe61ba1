import { Refusal } from "@/lib/domain/faults";
import type { Transport } from "./transport";
import { orNothing } from "./variants";
import { paymentTermWire, WIRE } from "./wire";

/** The payment terms of a company: their codes by id and the other way round. */
export type PaymentTerms = Readonly<{
  /** null for none, or for what the company doesn't have */
  codeOf(id: string | null): Promise<string | null>;
  /** Throws Refusal "invalid" for a code that the company doesn't have, or whose terms may not be read. */
  idOf(code: string): Promise<string>;
}>;

/** Reads the terms once, when the first document names some, and again when one names others. */
export function createPaymentTerms(transport: Transport, company: string): PaymentTerms {
  const codes = new Map<string, string>();
  const unknown = new Set<string>();

  const learn = () =>
    orNothing(async () => {
      const pages = transport.pages(`${company}/${WIRE.paymentTerms}`, { $select: "id,code" }, 1000);
      for await (const { entities } of pages)
        for (const entity of entities) {
          const parsed = paymentTermWire.safeParse(entity);
          if (parsed.success) codes.set(parsed.data.id.toLowerCase(), parsed.data.code);
        }
    });

  return {
    async codeOf(id) {
      const key = (id ?? "").toLowerCase();
      if (key === "" || key === WIRE.noGuid || unknown.has(key)) return null;
      if (!codes.has(key)) await learn();
      if (!codes.has(key)) unknown.add(key);
      return codes.get(key) ?? null;
    },
    async idOf(code) {
      const found = () => [...codes].find(([, own]) => own.toUpperCase() === code.toUpperCase())?.[0];
      if (found() === undefined) await learn();
      const id = found();
      if (id !== undefined) return id;
      throw new Refusal(
        "invalid",
        `Business Central has no payment terms “${code}”, or they may not be read: correct the mapping of payments.`,
      );
    },
  };
}
