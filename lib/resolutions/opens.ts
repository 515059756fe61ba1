import { type Actor, may } from "@/lib/auth/actor";
import { isAcceptable } from "@/lib/exceptions/acceptance";

/**
 * Whether the place to which a resolution leads opens anything for somebody: what stands further down on an exception's page is
 * there for who may do it, and for what can be done.
 */
export function opensFor(
  actor: Actor,
  { entityId, cause, state }: Readonly<{ entityId: string; cause: string; state: string }>,
  href: string,
): boolean {
  if (href === "#accepting") return isAcceptable(cause, state) && may(actor, "exceptions.accept", entityId);
  return href !== "#pairing" || may(actor, "pairing.decide", entityId);
}
