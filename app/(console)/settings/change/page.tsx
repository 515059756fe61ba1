import type { Metadata } from "next";
import { ChangeForm } from "@/components/settings/change/change-form";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { oneParam } from "@/components/ui/search-params";
import { loadChange } from "@/lib/settings/change/loaders";
import { changeFields, isChangeKind } from "@/lib/settings/change/schema";

export const metadata: Metadata = { title: "Try a change" };

export default async function ChangePage({ searchParams }: PageProps<"/settings/change">) {
  const params = await searchParams;
  const view = await loadChange(oneParam(params["entity"]));
  if (view.entity === null) {
    return (
      <ConsolePage title="Try a change">
        <Card flush>
          <EmptyState title="No entity is connected yet.">
            Connect SCAYLE and the ERP of a legal entity; then a change of its settings can be tried here on
            all of its orders.
          </EmptyState>
        </Card>
      </ConsolePage>
    );
  }
  const { entities, entity, inForce, latest, writable, maySeeExceptions, approvers } = view;
  const asked = oneParam(params["change"]);
  const kind = isChangeKind(asked) ? asked : "tax-code";
  const draft = Object.fromEntries(
    changeFields[kind].flatMap((name) => {
      const value = oneParam(params[name]);
      return value === undefined ? [] : [[name, value.slice(0, 400)]];
    }),
  );
  return (
    <ConsolePage
      title="Try a change"
      description="See what a change of the settings does to every order before it is saved."
      context={{ entities, entity }}
    >
      <ChangeForm
        // Another entity's books begin anew.
        key={entity.id}
        entity={{ id: entity.id, name: entity.name }}
        inForce={inForce}
        latest={latest}
        writable={writable}
        maySeeExceptions={maySeeExceptions}
        approvers={approvers}
        asked={{ kind, draft }}
      />
    </ConsolePage>
  );
}
