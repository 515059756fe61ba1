import type { Metadata, Route } from "next";
import Link from "next/link";
import { Confirmed, SettingsCard } from "@/components/settings/settings-tables";
import { ConsolePage } from "@/components/shell/console-page";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { type MappingTable, mappingTables } from "@/lib/mappings/schema";
import { loadSettings, type SettingsView } from "@/lib/settings/loaders";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage() {
  const view = await loadSettings();
  return (
    <ConsolePage
      title="Settings"
      description="What is in force. Connections and users are made on the command line."
      actions={
        <>
          <ButtonLink href="/settings/rounding">How the systems round</ButtonLink>
          <ButtonLink href="/settings/mappings">Mappings</ButtonLink>
          <ButtonLink href="/settings/ownership">Ownership</ButtonLink>
          <ButtonLink href="/settings/due-dates">Due dates</ButtonLink>
          <ButtonLink href="/settings/acceptance-rules">Accepting</ButtonLink>
          <ButtonLink href="/settings/resolutions">Sending</ButtonLink>
          <ButtonLink href="/settings/alerts">Alerts</ButtonLink>
          <ButtonLink href="/settings/pairing">Pairing</ButtonLink>
          <ButtonLink href="/settings/change">Try a change</ButtonLink>
        </>
      }
    >
      {view.waiting.map(({ entityId, count }) => (
        <Message
          key={entityId}
          tone="attention"
          title={
            count === 1
              ? `1 request to change mappings of ${entityId} waits for your approval`
              : `${count.toLocaleString("en")} requests to change mappings of ${entityId} wait for your approval`
          }
          action={
            <ButtonLink
              href={`/settings/mappings?entity=${encodeURIComponent(entityId)}&tab=requests` as Route}
            >
              Look at {count === 1 ? "it" : "them"}
            </ButtonLink>
          }
        />
      ))}
      {view.ownersWaiting > 0 && (
        <Message
          tone="attention"
          title={
            view.ownersWaiting === 1
              ? "1 request to change who owns a cause waits for your approval"
              : `${view.ownersWaiting.toLocaleString("en")} requests to change who owns a cause wait for your approval`
          }
          action={
            <ButtonLink href="/settings/ownership">
              Look at {view.ownersWaiting === 1 ? "it" : "them"}
            </ButtonLink>
          }
        />
      )}
      <Books view={view} />
      <Mappings view={view} />
      <People view={view} />
    </ConsolePage>
  );
}

const recognitions: Readonly<Record<string, string>> = {
  shipped: "when it has shipped",
  invoiced: "when it is invoiced",
  confirmed: "when it is confirmed",
};

function Books({ view }: Readonly<{ view: SettingsView }>) {
  return (
    <>
      <SettingsCard
        title="Entities"
        rows={view.entities}
        empty="The first connected system makes the first entity."
        columns={[
          { header: "Code", cell: (row) => row.id },
          { header: "Name", cell: (row) => row.name },
          { header: "Currency", cell: (row) => row.currency },
          { header: "Time zone", cell: (row) => row.timeZone },
          {
            header: "An item is sold",
            cell: (row) => recognitions[row.saleRecognition] ?? row.saleRecognition,
          },
          {
            header: "Shipping is refunded",
            cell: (row) => (row.shippingRefund === "never" ? "never" : "with the whole order"),
          },
          { header: "ERP posts within", cell: (row) => `${row.postingLagHours} h`, align: "end" },
          { header: "Data", cell: (row) => (row.sandbox ? <Badge>Sandbox</Badge> : "real") },
        ]}
      />
      <SettingsCard
        title="Connections"
        description="Secrets are kept encrypted and never shown."
        rows={view.connections}
        empty="No system is connected."
        columns={[
          { header: "Entity", cell: (row) => row.entityId },
          { header: "Side", cell: (row) => (row.side === "scayle" ? "SCAYLE" : "ERP") },
          { header: "System", cell: (row) => row.system },
          { header: "Name", cell: (row) => row.name },
          { header: "Rounding policy", cell: (row) => row.roundingWords },
          {
            header: "Rounding is",
            cell: (row) => (row.rounding === null ? "–" : <Confirmed on={row.roundingConfirmedOn} />),
          },
          { header: "Feeds", cell: (row) => row.feeds, align: "end" },
        ]}
      />
      <SettingsCard
        title="Shops"
        rows={view.shops}
        empty="Connecting SCAYLE makes the shops."
        columns={[
          { header: "Entity", cell: (row) => row.entityId },
          { header: "Shop", cell: (row) => row.name },
          { header: "Key", cell: (row) => row.shopKey },
          { header: "Country", cell: (row) => row.countryCode.toUpperCase() },
        ]}
      />
    </>
  );
}

const tables: Readonly<Record<MappingTable, string>> = {
  "tax-codes": "Tax codes",
  items: "Items",
  references: "Order references",
  payments: "Payment methods",
};

/** How many rows each table of mappings has; each number leads to it. */
function Mappings({ view }: Readonly<{ view: SettingsView }>) {
  return (
    <SettingsCard
      title="Mappings"
      description="What the ERP’s codes, numbers and references mean on SCAYLE’s side: how many rows each table has"
      rows={view.mappings}
      empty="The first connected system makes the first entity."
      columns={[
        { header: "Entity", cell: (row) => row.id },
        ...mappingTables.map((table) => ({
          header: tables[table],
          align: "end" as const,
          cell: (row: SettingsView["mappings"][number]) => (
            <Link
              href={`/settings/mappings?entity=${encodeURIComponent(row.id)}&tab=${table}` as Route}
              aria-label={`${tables[table]} of ${row.id}: ${row.rows(table).toLocaleString("en")}`}
              className="inline-flex min-h-[24px] items-center text-accent underline"
            >
              {row.rows(table).toLocaleString("en")}
            </Link>
          ),
        })),
      ]}
    />
  );
}

function People({ view }: Readonly<{ view: SettingsView }>) {
  return (
    <SettingsCard
      title="Users"
      rows={view.users}
      empty="“tieout user add” makes the first user."
      columns={[
        { header: "Name", cell: (row) => row.name },
        { header: "Email", cell: (row) => row.email },
        { header: "Roles", cell: (row) => row.grantWords },
        {
          header: "State",
          cell: (row) =>
            row.disabled ? (
              <Badge tone="broken">Disabled</Badge>
            ) : row.demo ? (
              <Badge>Demo</Badge>
            ) : (
              <Badge tone="agrees">Active</Badge>
            ),
        },
      ]}
    />
  );
}
