import type { Route } from "next";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import type { SettingsChange } from "@/lib/settings/change/schema";

/** Where what is in force of one kind is listed, and changed row by row. */
export function InForceCard({
  kind,
  entityId,
}: Readonly<{ kind: SettingsChange["kind"]; entityId: string }>) {
  if (kind !== "tax-code" && kind !== "item") return null;
  const tab = kind === "item" ? "items" : "tax-codes";
  return (
    <Card
      title="In force now"
      actions={
        <ButtonLink href={`/settings/mappings?entity=${encodeURIComponent(entityId)}&tab=${tab}` as Route}>
          {kind === "item" ? "Open the items" : "Open the tax codes"}
        </ButtonLink>
      }
    >
      <p className="max-w-prose text-sm">
        {kind === "item"
          ? "Which ERP items and accounts stand for something else than the SKU of their name is listed at Settings → Mappings, with who said so and since when."
          : "Which tax codes are right where is listed at Settings → Mappings, with who said so and since when."}{" "}
        “Change” at a row there changes it, from a day on or always.
      </p>
    </Card>
  );
}
