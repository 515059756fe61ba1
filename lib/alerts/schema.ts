import { z } from "zod";
import { roles } from "@/lib/auth/permissions";
import { isPrivateHost, outboundUrl, withoutCredentials } from "@/lib/connectors/base-url";

const reason = z.string().trim().min(3, "Say why, for whoever comes after you.").max(500);

/** Whom a kind goes to by e-mail: the team that owns the alert, a team, or everybody with a role. */
export const Recipient = z.union([
  z.literal("owner"),
  z.string().regex(/^team:[a-z0-9][a-z0-9-]{0,31}$/),
  z.enum(roles.map((role) => `role:${role}` as const)),
]);
export type Recipient = z.infer<typeof Recipient>;

/** The bounds of a kind in an entity, who gets it, and why it is so. */
export const SaveRule = z.object({
  entityId: z.string().min(1).max(64),
  kind: z.string().min(1).max(64),
  enabled: z.boolean(),
  bounds: z.record(z.string(), z.int("Whole numbers.")),
  recipients: z.array(Recipient).max(100),
  webhook: z.boolean(),
  reason,
});
export type SaveRule = z.infer<typeof SaveRule>;

/** How the mail server is reached. */
const mailFields = {
  host: z
    .string()
    .trim()
    .min(1, "The mail server’s name.")
    .max(253, "At most 253 characters.")
    .regex(/^[A-Za-z0-9.:[\]-]+$/, "A name like smtp.example.com, without a protocol."),
  port: z.coerce
    .number("A number from 1 to 65535.")
    .int("A whole number from 1 to 65535.")
    .min(1, "From 1 to 65535.")
    .max(65_535, "From 1 to 65535."),
  /** tls: from the beginning; starttls: begun in clear and insisted on; none: in clear */
  security: z.enum(["tls", "starttls", "none"]),
  from: z.email("An address like alerts@example.com.").max(254, "At most 254 characters."),
  user: z.string().trim().max(254, "At most 254 characters."),
};

type Reached = Readonly<{ security: string; host: string }>;
const isSafe = ({ security, host }: Reached): boolean => security !== "none" || isPrivateHost(host);
const notSafe = {
  error: "Without encryption only a server of this machine or a private network is used.",
  path: ["security"],
};

export const MailSettings = z.object(mailFields).refine(isSafe, notSafe);
export type MailSettings = z.infer<typeof MailSettings>;

/** Saves the mail server. An empty password keeps the one that is there. */
export const SaveMail = z
  .object({
    ...mailFields,
    password: z.string().max(500, "At most 500 characters."),
    enabled: z.boolean(),
    reason,
  })
  .refine(isSafe, notSafe);
export type SaveMail = z.infer<typeof SaveMail>;

/** An address as it is kept. One that was saved with a user name or password in it is read, and shown, without. */
export const WebhookSettings = z.object({ url: z.url().transform(withoutCredentials).pipe(outboundUrl) });
export type WebhookSettings = z.infer<typeof WebhookSettings>;

/** Saves where the webhook goes; with `newSecret` (and the first time) a secret is made, and answered once. */
export const SaveWebhook = z.object({
  url: outboundUrl,
  enabled: z.boolean(),
  newSecret: z.boolean(),
  reason,
});
export type SaveWebhook = z.infer<typeof SaveWebhook>;

export const SendTest = z.object({ channel: z.enum(["email", "webhook"]) });
export type SendTest = z.infer<typeof SendTest>;

/** Says that somebody has seen alerts and looks after them. */
export const Acknowledge = z.object({
  alerts: z
    .array(z.object({ entityId: z.string().min(1).max(64), id: z.guid() }))
    .min(1)
    .max(200)
    .readonly(),
  note: z.string().trim().max(500),
});
export type Acknowledge = z.infer<typeof Acknowledge>;

export const SendAgain = z.object({ id: z.guid() });
export type SendAgain = z.infer<typeof SendAgain>;

/** What the address of the alerts' page may say. */
export const AlertsQuery = z.object({
  show: z.enum(["open", "closed"]).default("open").catch("open"),
  kind: z.string().min(1).max(64).optional().catch(undefined),
  team: z.string().min(1).max(64).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(10_000).default(1).catch(1),
});
export type AlertsQuery = z.infer<typeof AlertsQuery>;
