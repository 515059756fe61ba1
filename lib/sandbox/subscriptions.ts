import { z } from "zod";
import { type Call, jsonOf, Refused } from "@/lib/sandbox/http";
import type { Json } from "@/lib/sandbox/scayle-item";

/** A subscription as SCAYLE's webhook producers take it. */
const subscriptionSchema = z.object({
  eventName: z.string().min(1),
  url: z.url({ protocol: /^https?$/ }),
  target: z.object({ shopCountryId: z.number().int().optional() }).default({}),
  enabled: z.boolean().default(true),
  auth: z.object({ username: z.string(), password: z.string() }).optional(),
  customHeaders: z.record(z.string(), z.string()).default({}),
  externalId: z.string().optional(),
});
export type Subscription = z.infer<typeof subscriptionSchema> & { id: number };

/** Who wants to be told of what. It is forgotten with the process: a subscriber subscribes again. */
export type Subscriptions = Readonly<{
  all(): readonly Subscription[];
  /** POST and GET of the list, DELETE of one. */
  answer(call: Call, id: string | undefined): Json | null;
}>;

const masked = ({ auth, ...subscription }: Subscription): Json => ({
  ...subscription,
  customHeaders: Object.fromEntries(Object.keys(subscription.customHeaders).map((name) => [name, "***"])),
  ...(auth ? { auth: { username: "***", password: "***" } } : {}),
});

/** An empty list of subscriptions. One with the `externalId` of another takes its place. */
export function makeSubscriptions(): Subscriptions {
  const list = new Map<number, Subscription>();
  let last = 0;
  const add = (body: string): Json => {
    const parsed = subscriptionSchema.safeParse(jsonOf(body));
    if (!parsed.success) throw new Refused(400, "INVALID_REQUEST", z.prettifyError(parsed.error));
    const { externalId } = parsed.data;
    const held =
      externalId === undefined ? null : [...list.values()].find((one) => one.externalId === externalId);
    const id = held?.id ?? ++last;
    const subscription = { ...parsed.data, id };
    list.set(id, subscription);
    return masked(subscription);
  };
  return {
    all: () => [...list.values()],
    answer({ method, body }, id) {
      if (id === undefined && method === "POST") return add(body);
      if (id === undefined && method === "GET") return { entities: [...list.values()].map(masked) };
      if (id !== undefined && method === "DELETE" && list.delete(Number(id))) return {};
      return null;
    },
  };
}
