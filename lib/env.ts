import { hkdfSync } from "node:crypto";
import { z } from "zod";

const text = z.string().trim().min(1);
// An empty variable is one that is not set: `SCAYLE_SHOPS=` in a .env file.
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());
const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: "is not a postgresql:// address" });
const webUrl = z.url({ protocol: /^https?$/, error: "is not an http(s):// address" });

const Environment = z.object({
  /** The owner's database address: migrations and jobs. */
  DATABASE_URL: optional(databaseUrl),
  /** The app's own, which owns nothing. */
  DATABASE_APP_URL: optional(databaseUrl),
  PORT: optional(z.coerce.number().int().min(1).max(65_535)),
  HOST: optional(text),
  /** Where jobs run: in the web process (default), or only in processes of `npm run worker`. */
  TIEOUT_JOBS: optional(z.enum(["web", "worker"], "is neither web nor worker")),
  TIEOUT_SECRET: optional(z.string().min(32, "is shorter than 32 characters")),
  NEXTAUTH_URL: optional(webUrl),
  NEXTAUTH_SECRET: optional(text),
  SCAYLE_BASE_URL: optional(webUrl),
  SCAYLE_ACCESS_TOKEN: optional(text),
  SCAYLE_SHOPS: optional(text),
  /** Where the tenant takes refunds and line values; without them they are only instructed. */
  SCAYLE_REFUND_PATH: optional(text),
  SCAYLE_LINE_VALUES_PATH: optional(text),
  /** yes: it may be told of shipments, cancellations, returns and reference keys. */
  SCAYLE_FULFILMENT: optional(text),
  BC_BASE_URL: optional(webUrl),
  BC_TOKEN_URL: optional(webUrl),
  BC_CLIENT_ID: optional(text),
  BC_CLIENT_SECRET: optional(text),
  BC_COMPANY_ID: optional(text),
  /** Who sales are posted to; without it nothing is posted. */
  BC_CUSTOMER_NUMBER: optional(text),
  /** Whether that customer's card says that prices include VAT. */
  BC_PRICES_INCLUDE_TAX: optional(z.enum(["yes", "no"], "is neither yes nor no")),
  BC_ROUNDING_ACCOUNT: optional(text),
  TRYTON_BASE_URL: optional(webUrl),
  TRYTON_DATABASE: optional(text),
  TRYTON_USER: optional(text),
  TRYTON_PASSWORD: optional(text),
  /** Its user's own company where it is left out. */
  TRYTON_COMPANY_ID: optional(text),
  /** The code of the party that sales are posted to; without it nothing is posted. */
  TRYTON_PARTY_CODE: optional(text),
  TRYTON_ROUNDING_ACCOUNT: optional(text),
  /** The folder that a person called a command from: relative file names mean files there. */
  INIT_CWD: optional(text),
});

export type Environment = z.infer<typeof Environment>;

/**
 * The settings of this process, the only reading of process.env in the product. Read anew at each call, so that a
 * build or a test needs to set only what it uses.
 *
 * @throws Error naming each variable that cannot be used, never its value
 */
export function environment(): Environment {
  const parsed = Environment.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  throw new Error(`The environment cannot be used: ${faults.join("; ")}.`);
}

/**
 * Where the database is, for its owner and for the app. With one address only the app runs as the owner, which is
 * weaker: nothing then stops it from changing what must not change.
 *
 * @throws Error when DATABASE_URL is not set
 */
export function databaseUrls(): { owner: string; app: string } {
  const { DATABASE_URL, DATABASE_APP_URL } = environment();
  if (DATABASE_URL === undefined) {
    throw new Error(
      "DATABASE_URL is not set. `npm start` and `npm run tieout` set it; so must whoever starts this alone.",
    );
  }
  return { owner: DATABASE_URL, app: DATABASE_APP_URL ?? DATABASE_URL };
}

/**
 * A key of 32 bytes for one purpose, derived from TIEOUT_SECRET, so that no two purposes share one.
 *
 * @throws Error when TIEOUT_SECRET is not set
 */
export function derivedKey(purpose: string): Buffer {
  const { TIEOUT_SECRET } = Secret.parse(process.env);
  if (TIEOUT_SECRET === undefined) {
    throw new Error(
      "TIEOUT_SECRET is not set. `npm start` and `npm run tieout` set it from the data folder.",
    );
  }
  // Each webhook asks for one: derived once per secret.
  const known = keys.get(purpose);
  if (known?.secret === TIEOUT_SECRET) return known.key;
  const key = Buffer.from(hkdfSync("sha256", TIEOUT_SECRET, "tieout", purpose, 32));
  keys.set(purpose, { secret: TIEOUT_SECRET, key });
  return key;
}

const Secret = Environment.pick({ TIEOUT_SECRET: true });
const keys = new Map<string, Readonly<{ secret: string; key: Buffer }>>();

/** What signs the sessions: NEXTAUTH_SECRET, else derived. */
export function sessionSecret(): string {
  return environment().NEXTAUTH_SECRET ?? derivedKey("sessions").toString("hex");
}
