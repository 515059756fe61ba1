import { hash } from "node:crypto";

/**
 * The id that a natural key has everywhere: first 16 bytes of its SHA-256 as a uuid.
 * The same as the SQL function `tieout_id`. Parts are joined with a unit separator, which no key contains.
 */
export const idOf = (...parts: readonly string[]): string => asUuid("sha256", parts);

/**
 * The same by MD5, which PostgreSQL has as one quick function: for ids that are made by the million within a group, and
 * leave it never (pairs).
 */
export const quickIdOf = (...parts: readonly string[]): string => asUuid("md5", parts);

function asUuid(algorithm: "sha256" | "md5", parts: readonly string[]): string {
  const hex = hash(algorithm, parts.join("\u001f"));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Identity of an order: the connection it comes from and its id there. Never changes. */
export const orderKeyOf = (connectionId: string, sourceId: string): string =>
  idOf("order", connectionId, sourceId);

/** Key of an ERP document of which no order is known (yet): a group of its own. */
export const strayKeyOf = (connectionId: string, sourceId: string): string =>
  idOf("stray", connectionId, sourceId);

/** SHA-256 of a text, as hex: content hashes. */
export const hashOf = (text: string): string => hash("sha256", text);

/** How references are compared: trimmed, case folded. What was lost beyond that is a mapping's business. */
export const aliasOf = (reference: string): string => reference.trim().toLowerCase();
