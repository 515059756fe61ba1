import type { Metadata } from "next";
import { Confirmed, SettingsCard } from "@/components/settings/settings-tables";
import { ConsolePage } from "@/components/shell/console-page";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
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
          <ButtonLink href="/settings/pairing">Pairing and references</ButtonLink>
          <ButtonLink href="/settings/change">Try a change</ButtonLink>
        </>
      }
    >
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

function Mappings({ view }: Readonly<{ view: SettingsView }>) {
  return (
    <>
      <SettingsCard
        title="Tax mappings"
        description="Which tax codes are right for a country, channel and rate"
        rows={view.taxes}
        empty="Proposals are made from the ERP’s posted lines by the first reconciliation."
        columns={[
          { header: "Entity", cell: (row) => row.entityId },
          { header: "Ships to", cell: (row) => row.shipTo },
          {
            header: "Channel",
            cell: (row) => (row.channel === "*" ? "any" : row.channel.replaceAll("_", " ")),
          },
          { header: "Rate", cell: (row) => row.rateWords, align: "end" },
          { header: "Tax code", cell: (row) => row.taxCode },
          { header: "State", cell: (row) => <TaxState row={row} /> },
        ]}
      />
      <SettingsCard
        title="Item mappings"
        description={
          view.itemCount > view.items.length
            ? `The first ${view.items.length} of ${view.itemCount.toLocaleString("en")}`
            : "ERP items and accounts that stand for something else than the SKU of the same name"
        }
        rows={view.items}
        empty="None: each ERP item number is taken as the SKU."
        columns={[
          { header: "Entity", cell: (row) => row.entityId },
          { header: "ERP", cell: (row) => row.erpKind },
          { header: "Number", cell: (row) => row.erpItem },
          { header: "Variant", cell: (row) => row.erpVariant || "–" },
          { header: "Stands for", cell: (row) => row.sku ?? row.lineKind.replaceAll("_", " ") },
          { header: "State", cell: (row) => <Confirmed on={row.confirmedOn} /> },
        ]}
      />
    </>
  );
}

/** A code that a person refused keeps their name, without a day of confirmation. */
function TaxState({ row }: Readonly<{ row: SettingsView["taxes"][number] }>) {
  if (row.confirmedOn === null && row.confirmedBy !== null)
    return <Badge>Not right, says {row.confirmedBy}</Badge>;
  return <Confirmed on={row.confirmedOn} by={row.confirmedBy} />;
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
