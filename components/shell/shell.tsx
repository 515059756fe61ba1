import type { ReactNode } from "react";
import { ToastRegion } from "@/components/ui/toast-region";
import type { Actor } from "@/lib/auth/actor";
import { roleTable } from "@/lib/auth/permissions";
import { Mark } from "./mark";
import { NavLinks } from "./nav-links";
import { BAR_PLACES, type Place, places } from "./navigation";
import { PalettePlaces } from "./palette-places";
import { UserMenu } from "./user-menu";

/** The frame around every page: where one can go, and who one is. The page brings its own head and content. */
export function Shell({
  actor,
  allowed,
  defaultPeriod,
  bell,
  children,
}: Readonly<{
  actor: Actor;
  allowed: readonly Place["key"][];
  /** The month that Close opens when the address names none. */
  defaultPeriod: string;
  /** Leads to the alerts, beside the name of the product. */
  bell: ReactNode;
  children: ReactNode;
}>) {
  const titles = [...new Set(actor.grants.map((grant) => roleTable[grant.role].title))];
  const menu = {
    name: actor.name,
    email: actor.email,
    role: titles.join(", ") || "No role",
    demo: actor.demo,
  };
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-accent focus:px-3 focus:py-2 focus:text-on-accent"
      >
        Skip to content
      </a>
      {/* A landmark: who jumps between those finds the bell and the menu of the account. */}
      <header
        data-screen-only
        className="sticky top-0 z-30 hidden h-dvh w-52 shrink-0 flex-col border-line border-r bg-canvas px-2 py-3 md:flex"
      >
        <div className="mb-4 flex items-center justify-between pl-2">
          <Mark />
          {bell}
        </div>
        <nav aria-label="Main" className="flex-1">
          <NavLinks allowed={allowed} defaultPeriod={defaultPeriod} layout="side" />
        </nav>
        <UserMenu {...menu} side="top" />
      </header>
      <div className="flex min-w-0 flex-1 flex-col max-md:pb-[calc(3.5rem+env(safe-area-inset-bottom))]">
        <header
          data-screen-only
          className="flex h-12 items-center justify-between border-line border-b bg-canvas px-4 md:hidden"
        >
          <Mark />
          <div className="flex items-center gap-1">
            {bell}
            <UserMenu
              {...menu}
              side="bottom"
              compact
              further={places
                .filter(({ key }) => allowed.includes(key))
                .slice(BAR_PLACES)
                .map(({ key }) => key)}
            />
          </div>
        </header>
        {children}
        <ToastRegion />
      </div>
      <nav
        aria-label="Main"
        data-screen-only
        className="fixed inset-x-0 bottom-0 z-30 border-line border-t bg-surface px-1 pb-[env(safe-area-inset-bottom)] md:hidden"
      >
        <NavLinks allowed={allowed} defaultPeriod={defaultPeriod} layout="bottom" />
      </nav>
      <PalettePlaces allowed={allowed} defaultPeriod={defaultPeriod} />
    </div>
  );
}
