import { lastMonth } from "@/components/shell/last-month";
import { places } from "@/components/shell/navigation";
import { Shell } from "@/components/shell/shell";
import { may } from "@/lib/auth/actor";
import { signedInActor } from "@/lib/auth/session";

/** The frame of every page behind sign-in. Each page proves its own permission; this only proves who it is. */
export default async function ConsoleLayout({ children }: LayoutProps<"/">) {
  const actor = await signedInActor();
  const allowed = places.filter(({ permission }) => may(actor, permission)).map(({ key }) => key);
  return (
    <Shell actor={actor} allowed={allowed} defaultPeriod={lastMonth(new Date())}>
      {children}
    </Shell>
  );
}
