import "server-only";
import { createSafeActionClient } from "next-safe-action";
import { z } from "zod";
import { Refusal } from "@/lib/domain/faults";
import { log } from "@/lib/log";
import { type Actor, may } from "./actor";
import { type Permission, permissions, permissionWords } from "./permissions";
import { recordRefusedCommand } from "./refused-command";
import { requireActor } from "./session";

/** What a failed command tells the person: a code for the screen and a sentence to read. */
export type CommandError = Readonly<{ code: Refusal["code"] | "defect"; message: string }>;

const Metadata = z.object({
  permission: z.enum(permissions),
  or: z.array(z.enum(permissions)),
  /** what is attempted, as it is recorded where it is refused; null: by what it needs */
  attempt: z.string().nullable(),
});

const client = createSafeActionClient({
  defineMetadataSchema: () => Metadata,
  defaultValidationErrorsShape: "flattened",
  async handleServerError(error, { clientInput, ctx, metadata }): Promise<CommandError> {
    if (!(error instanceof Refusal)) {
      log.defect("A command failed", error);
      return {
        code: "defect",
        message: "Something went wrong on our side. Look at the page again before you repeat it.",
      };
    }
    const actor = actorIn(ctx);
    if (actor)
      await recordRefusedCommand(
        actor,
        error,
        metadata?.attempt ?? metadata?.permission ?? "unknown",
        clientInput,
      );
    return { code: error.code, message: error.message };
  },
})
  .use(async ({ next }) => next({ ctx: { actor: await requireActor() } }))
  .use(async ({ next, ctx, metadata }) => {
    if (![metadata.permission, ...metadata.or].some((permission) => may(ctx.actor, permission))) {
      throw new Refusal("not-allowed", `You may not ${permissionWords[metadata.permission]}.`);
    }
    return next({ ctx });
  });

/**
 * The only way to write a server action: naming what it needs is how it begins.
 * The permission is proved for some entity; a mutation proves the entity it touches with `assertMay`. Where what is
 * needed follows from the input, any of several lets it begin, and the mutation proves the one.
 */
export const command = (permission: Permission, ...or: Permission[]) =>
  client.metadata({ permission, or, attempt: null });

/** The same where the trail calls what is attempted by the name of the act that it would have been: "period.sign". */
export const commandTo = (attempt: string, permission: Permission, ...or: Permission[]) =>
  client.metadata({ permission, or, attempt });

/** The actor that the first step of every command put into the context. */
const actorIn = (context: object): Actor | null => ("actor" in context ? (context.actor as Actor) : null);
