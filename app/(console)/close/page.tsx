import type { Route } from "next";
import { redirect } from "next/navigation";
import { lastMonth } from "@/components/shell/last-month";

/** The month that is being closed is the one that people mean. */
export default async function ClosePage({ searchParams }: PageProps<"/close">) {
  const { entity } = await searchParams;
  const query = typeof entity === "string" ? `?entity=${encodeURIComponent(entity)}` : "";
  redirect(`/close/${lastMonth(new Date())}${query}` as Route);
}
