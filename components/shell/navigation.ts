import {
  CalendarCheck2,
  CircleAlert,
  Cog,
  type LucideIcon,
  Package,
  RefreshCw,
  ScrollText,
} from "lucide-react";
import type { Permission } from "@/lib/auth/permissions";

/** A place of the console, shown to whoever has its permission. */
export type Place = Readonly<{
  key: "close" | "exceptions" | "orders" | "feeds" | "audit" | "settings";
  label: string;
  icon: LucideIcon;
  permission: Permission;
}>;

/** Pages below a place: whoever may go to the place may go to them. */
export type SubPlace = Readonly<{
  of: Place["key"];
  label: string;
  path: string;
  /** it shows one entity and keeps the one that is shown */
  entity?: true;
}>;

/** What the palette leads to besides the places, in their order. */
export const subPlaces: readonly SubPlace[] = [
  { of: "close", label: "Close overview of all entities", path: "/close/overview", entity: true },
  { of: "exceptions", label: "Root causes", path: "/exceptions/causes", entity: true },
  { of: "feeds", label: "Failed records", path: "/feeds/failed", entity: true },
  { of: "feeds", label: "Stock of both sides", path: "/feeds/stock", entity: true },
  { of: "feeds", label: "Webhooks", path: "/feeds/webhooks", entity: true },
  { of: "settings", label: "Settings: Ownership", path: "/settings/ownership" },
  { of: "settings", label: "Settings: Due dates and holidays", path: "/settings/due-dates" },
  { of: "settings", label: "Settings: Accepting (acceptance rules)", path: "/settings/acceptance-rules" },
  { of: "settings", label: "Settings: Mappings", path: "/settings/mappings" },
  { of: "settings", label: "Settings: Pairing", path: "/settings/pairing" },
  { of: "settings", label: "Settings: Rounding of both systems", path: "/settings/rounding" },
  {
    of: "settings",
    label: "Settings: Sending (resolutions and their limits)",
    path: "/settings/resolutions",
  },
  { of: "settings", label: "Settings: Alerts (bounds, e-mail, webhook)", path: "/settings/alerts" },
  { of: "settings", label: "Settings: Try a change", path: "/settings/change" },
];

/** How many places the phone's bottom bar has room for; further ones are in the account's menu. */
export const BAR_PLACES = 5;

/** The places in the order of the sidebar. */
export const places: readonly Place[] = [
  { key: "close", label: "Close", icon: CalendarCheck2, permission: "close.read" },
  { key: "exceptions", label: "Exceptions", icon: CircleAlert, permission: "exceptions.read" },
  { key: "orders", label: "Orders", icon: Package, permission: "orders.read" },
  { key: "feeds", label: "Feeds", icon: RefreshCw, permission: "feeds.read" },
  { key: "audit", label: "Audit", icon: ScrollText, permission: "audit.read" },
  { key: "settings", label: "Settings", icon: Cog, permission: "settings.read" },
];
