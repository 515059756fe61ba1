import type { ReactNode } from "react";
import { pageActor } from "@/lib/auth/session";

/** Refuses before anything is sent, so that the answer's status says it too. Each page proves its entity itself. */
export default async function Layout({ children }: Readonly<{ children: ReactNode }>) {
  await pageActor("audit.read");
  return children;
}
