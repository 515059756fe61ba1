import type { Metadata } from "next";
import { Items } from "@/components/settings/mappings/items-table";
import { LookForRules } from "@/components/settings/mappings/look-for-rules";
import { OwnRequests } from "@/components/settings/mappings/own-requests";
import { Payments } from "@/components/settings/mappings/payments-table";
import { ProposalsForm } from "@/components/settings/mappings/proposals-form";
import { References } from "@/components/settings/mappings/references-table";
import { Requests } from "@/components/settings/mappings/requests";
import { SecondPersonButton } from "@/components/settings/mappings/second-person";
import { TaxCodes } from "@/components/settings/mappings/tax-codes-table";
import { ConsolePage } from "@/components/shell/console-page";
import { SoftCloseNotice } from "@/components/shell/soft-close-notice";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { oneParam } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { loadSoftClosed } from "@/lib/close/softclose-view";
import { loadMappings, type MappingsView } from "@/lib/mappings/loaders";
import { MappingQuery, type MappingTab, mappingTabs } from "@/lib/mappings/schema";

export const metadata: Metadata = { title: "Mappings" };

const titles: Readonly<Record<MappingTab, string>> = {
  "tax-codes": "Tax codes",
  items: "Items",
  references: "Order references",
  payments: "Payment methods",
  proposals: "Proposals",
  requests: "Requests",
};

export default async function MappingsPage({ searchParams }: PageProps<"/settings/mappings">) {
  const params = await searchParams;
  const query = MappingQuery.parse({
    tab: oneParam(params["tab"]),
    q: oneParam(params["q"]) ?? "",
    page: oneParam(params["page"]) ?? 1,
    request: oneParam(params["request"]),
    row: oneParam(params["row"]),
    edit: oneParam(params["edit"]),
  });
  const view = await loadMappings(oneParam(params["entity"]), query);
  if (view.entity === null) {
    return (
      <ConsolePage title="Mappings">
        <Card flush>
          <EmptyState title="No entity is connected yet.">
            Connect SCAYLE and the ERP of a legal entity; its mappings are shown here.
          </EmptyState>
        </Card>
      </ConsolePage>
    );
  }
  const { entity, entities } = view;
  return (
    <ConsolePage
      title="Mappings"
      description="What the ERP’s tax codes, items, references and ways of paying mean on SCAYLE’s side, and who said so."
      context={{ entities, entity }}
      actions={<ButtonLink href="/settings">All settings</ButtonLink>}
    >
      <SoftCloseNotice found={await loadSoftClosed(entity.id)} />
      <Tabs
        label="Mappings"
        tabs={[...mappingTabs].map((tab) => ({
          href: `/settings/mappings?entity=${encodeURIComponent(entity.id)}&tab=${tab}`,
          label: titles[tab],
          current: tab === query.tab,
          ...(tab === "requests" && view.waiting > 0 && { count: view.waiting }),
        }))}
      />
      <OwnRequests view={view} />
      <Shown view={view} search={query.q} />
      <SecondPerson view={view} />
    </ConsolePage>
  );
}

function Shown({ view, search }: Readonly<{ view: MappingsView; search: string }>) {
  const { shown } = view;
  switch (shown.tab) {
    case "tax-codes":
      return <TaxCodes view={view} shown={shown} search={search} />;
    case "items":
      return <Items view={view} shown={shown} search={search} />;
    case "proposals":
      return <Proposals view={view} shown={shown} />;
    case "requests":
      return <Requests view={view} shown={shown} />;
    case "references":
      return <References view={view} shown={shown} search={search} />;
    default:
      return <Payments view={view} shown={shown} search={search} />;
  }
}

function Proposals({
  view,
  shown,
}: Readonly<{ view: MappingsView; shown: Extract<MappingsView["shown"], { tab: "proposals" }> }>) {
  return (
    <Card
      title="Proposals"
      description="From the ERP’s posted lines and documents, from what open exceptions prove, and from the ERP’s item master (GTIN, tax group), as far as its stock is read; the 50 most frequent of each."
    >
      {view.may.ask && (
        <div className="mb-4 flex flex-col gap-2">
          {view.connections
            .filter((one) => one.strays > 0)
            .map(({ id, name }) => (
              <LookForRules key={id} entityId={view.entity.id} connectionId={id} name={name} />
            ))}
        </div>
      )}
      {shown.proposals.length === 0 ? (
        <p className="text-sm text-soft">
          Nothing is proposed: every tax code on posted lines was confirmed or refused, no open exception
          shows an item or a reference that lacks a mapping, and every way of paying that posted documents
          bear has a row.
        </p>
      ) : (
        <ProposalsForm entityId={view.entity.id} proposals={shown.proposals} mayAsk={view.may.ask} />
      )}
    </Card>
  );
}

function SecondPerson({ view }: Readonly<{ view: MappingsView }>) {
  return (
    <Card
      title="Who changes mappings"
      actions={view.may.ask && <SecondPersonButton entityId={view.entity.id} needed={view.secondPerson} />}
    >
      <p className="max-w-prose text-sm">
        {view.secondPerson
          ? `A second person approves each change of mappings: nobody approves what they asked for or edited last, administrators included. The same holds for who owns a cause.${view.approvers === null ? "" : ` Whom you can ask: ${view.approvers}.`}`
          : "One person who may change the settings is enough here. Each change still shows its effect first and is kept with its history. The same holds for who owns a cause. In the sandbox this is so from the start, so that one person can try it."}
      </p>
    </Card>
  );
}
