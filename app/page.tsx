import type { Route } from "next";
import { redirect } from "next/navigation";
import { lastMonth } from "@/components/shell/last-month";
import { may } from "@/lib/auth/actor";
import { signedInActor } from "@/lib/auth/session";

/** Leads everybody to their place: the month to close, the queue, or the orders. */
export default async function HomePage() {
  const actor = await signedInActor();
  const operates = actor.grants.some((grant) => grant.role === "operations");
  if (operates && may(actor, "exceptions.read")) redirect("/exceptions" as Route);
  if (may(actor, "close.read")) redirect(`/close/${lastMonth(new Date())}` as Route);
  redirect("/orders" as Route);
}
