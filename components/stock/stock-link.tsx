import type { Route } from "next";
import { ButtonLink } from "@/components/ui/button";

/** To the item that an exception about stock is about. */
export function StockLink({ entityId, itemKey }: Readonly<{ entityId: string; itemKey: string }>) {
  return (
    <ButtonLink href={`/feeds/stock?entity=${entityId}&q=${encodeURIComponent(itemKey)}` as Route}>
      Stock of both sides
    </ButtonLink>
  );
}
