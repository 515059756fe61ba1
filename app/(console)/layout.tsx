import { Suspense } from "react";
import { AlertBell } from "@/components/alerts/bell";
import { lastMonth } from "@/components/shell/last-month";
import { places } from "@/components/shell/navigation";
import { Shell } from "@/components/shell/shell";
import { loadAlertCount } from "@/lib/alerts/loaders";
import { may } from "@/lib/auth/actor";
import { signedInActor } from "@/lib/auth/session";

/** The frame of every page behind sign-in. Each page proves its own permission; this only proves who it is. */
export default async function ConsoleLayout({ children }: LayoutProps<"/">) {
  const actor = await signedInActor();
  const allowed = places.filter(({ permission }) => may(actor, permission)).map(({ key }) => key);
  return (
    <Shell
      actor={actor}
      allowed={allowed}
      defaultPeriod={lastMonth(new Date())}
      bell={
        <Suspense>
          <Bell />
        </Suspense>
      }
    >
      {children}
    </Shell>
  );
}

/** Comes in late: no page waits for it. */
async function Bell() {
  const count = await loadAlertCount();
  return count === null ? null : <AlertBell count={count} />;
}
