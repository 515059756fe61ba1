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
