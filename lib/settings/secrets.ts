import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { derivedKey } from "@/lib/env";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const key = (): Buffer => derivedKey("connection secrets");

/**
 * Seals a connection's secret for the database: version, nonce, tag, then AES-256-GCM over its JSON. `subject` (the
 * connection's id) is bound to it, so that a sealed secret can't be moved to another row.
 */
export function sealSecret(subject: string, secret: unknown): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key(), nonce).setAAD(Buffer.from(subject));
  const sealed = Buffer.concat([cipher.update(toJson(secret), "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), sealed]);
}

/** Opens what `sealSecret` made. Throws Refusal "unavailable" where TIEOUT_SECRET is another one by now. */
export function openSecret(subject: string, sealed: Buffer): unknown {
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key(), nonce).setAAD(Buffer.from(subject));
    decipher.setAuthTag(tag);
    const body = sealed.subarray(1 + NONCE_BYTES + TAG_BYTES);
    return JSON.parse(Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8"));
  } catch (error) {
    throw Object.assign(
      new Refusal(
        "unavailable",
        "The connection's credentials can't be opened: TIEOUT_SECRET is not the one they were kept with. Connect again.",
      ),
      { cause: error },
    );
  }
}
