import type { Route } from "next";

type Router = Readonly<{ refresh(): void; push(href: Route): void }>;

/** After a decision: shows the page again, or goes where the document is now if this page was its own. */
export function movedTo(router: Router, from: string, to: string): void {
  if (from !== to && window.location.pathname.startsWith("/orders/")) router.push(`/orders/${to}` as Route);
  else router.refresh();
}
