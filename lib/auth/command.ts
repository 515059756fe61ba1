import "server-only";
import { createSafeActionClient } from "next-safe-action";
import { z } from "zod";
import { recordRefusal } from "@/lib/audit/record";
import { Refusal } from "@/lib/domain/faults";
import { log } from "@/lib/log";
import { type Actor, may } from "./actor";
import { type Permission, permissions, permissionWords } from "./permissions";
import { requireActor } from "./session";

/** What a failed command tells the person: a code for the screen and a sentence to read. */
export type CommandError = Readonly<{ code: Refusal["code"] | "defect"; message: string }>;

const Metadata = z.object({ permission: z.enum(permissions) });

const client = createSafeActionClient({
  defineMetadataSchema: () => Metadata,
  defaultValidationErrorsShape: "flattened",
  async handleServerError(error, { clientInput, ctx, metadata }): Promise<CommandError> {
    if (!(error instanceof Refusal)) {
      log.defect("A command failed", error);
      return { code: "defect", message: "Something went wrong on our side. Nothing was changed." };
    }
    const actor = actorIn(ctx);
    if (actor) await recordRefused(actor, error, metadata, clientInput);
    return { code: error.code, message: error.message };
  },
})
  .use(async ({ next }) => next({ ctx: { actor: await requireActor() } }))
  .use(async ({ next, ctx, metadata }) => {
    if (!may(ctx.actor, metadata.permission)) {
      throw new Refusal("not-allowed", `You may not ${permissionWords[metadata.permission]}.`);
    }
    return next({ ctx });
  });

/**
 * The only way to write a server action: naming what it needs is how it begins.
 * The permission is proved for some entity; a mutation proves the entity it touches with `assertMay`.
 */
export const command = (permission: Permission) => client.metadata({ permission });

/** The actor that the first step of every command put into the context. */
const actorIn = (context: object): Actor | null => ("actor" in context ? (context.actor as Actor) : null);

async function recordRefused(
  actor: Actor,
  refusal: Refusal,
  metadata: z.infer<typeof Metadata> | undefined,
  input: unknown,
): Promise<void> {
  const action = metadata?.permission ?? "unknown";
  const { code, message: reason } = refusal;
  try {
    await recordRefusal(actor, chainOf(actor, input), { action, subject: subjectOf(input), code, reason });
  } catch (error) {
    // The person still gets the refusal: a trail that cannot be written must not turn a no into a defect.
    log.defect("A refusal could not be recorded", error);
  }
}

const Named = z.object({
  entityId: z.string().optional(),
  id: z.string().optional(),
  exceptionId: z.string().optional(),
  orderKey: z.string().optional(),
});

/** A chain is only ever chosen by the actor's own grants, never by what an input claims. */
function chainOf(actor: Actor, input: unknown): string {
  const named = Named.safeParse(input);
  const entityId = named.success ? named.data.entityId : undefined;
  return entityId !== undefined && actor.grants.some((grant) => grant.entityId === entityId) ? entityId : "*";
}

function subjectOf(input: unknown): string {
  const named = Named.safeParse(input);
  if (!named.success) return "-";
  const { exceptionId, orderKey, id, entityId } = named.data;
  return (exceptionId ?? orderKey ?? id ?? entityId ?? "-").slice(0, 200);
}
