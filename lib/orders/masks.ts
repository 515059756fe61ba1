import { objectOf } from "@/lib/domain/json";

/** What of a customer people recognise them by, in full. */
export type Personal = Readonly<{
  name: string | null;
  email: string | null;
  phone: string | null;
  /** street and number, then place, then country: one line each */
  address: readonly string[];
}>;

/** Reads it out of the personal part of an order (SCAYLE's customer and shipping address); null where there is none. */
export function personalOf(data: unknown): Personal | null {
  const root = objectOf(data);
  const customer = objectOf(root["customer"]);
  const shipping = objectOf(objectOf(root["address"])["shipping"]);
  const recipient = objectOf(shipping["recipient"]);
  const name = nameIn(customer) ?? nameIn(recipient);
  const email = textOf(customer["email"]);
  const phone = textOf(customer["phone"]) ?? textOf(shipping["phone"]);
  const address = [
    joined(shipping["street"], shipping["houseNumber"]),
    joined(shipping["additional"]),
    joined(shipping["zipCode"], shipping["city"]),
  ].filter((line) => line !== "");
  if (name === null && email === null && phone === null && address.length === 0) return null;
  return { name, email, phone, address };
}

const textOf = (value: unknown): string | null =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : null;
const joined = (...parts: readonly unknown[]): string =>
  parts
    .map(textOf)
    .filter((part) => part !== null)
    .join(" ");
const nameIn = (person: Readonly<Record<string, unknown>>): string | null =>
  joined(person["firstName"], person["lastName"]) || null;

/** The same with first letters alone, so that somebody who has the customer on the line can tell that it is them. */
export const masked = ({ name, email, phone, address }: Personal): Personal => ({
  name: name && maskedWords(name),
  email: email?.split("@").map(initial).join("@") ?? null,
  phone: phone && `••• ${phone.replace(/\D/g, "").slice(-2)}`,
  address: address.map(maskedWords),
});

/** A customer's name with first letters alone; null where nobody is known. */
export const maskedName = (data: unknown): string | null => {
  const name = personalOf(data)?.name ?? null;
  return name && maskedWords(name);
};

// As many dots for every word: how long it is would tell more than its letter.
const initial = (word: string): string => `${[...word][0] ?? ""}•••`;
const maskedWords = (words: string): string => words.split(/\s+/).map(initial).join(" ");
