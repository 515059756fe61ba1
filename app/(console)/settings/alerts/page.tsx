import type { Metadata } from "next";
import { DeliveriesTable } from "@/components/alerts/deliveries-table";
import { MailForm } from "@/components/alerts/mail-form";
import { AlertRuleForm } from "@/components/alerts/rule-form";
import { AlertRuleText } from "@/components/alerts/rule-text";
import { TestButton } from "@/components/alerts/test-button";
import { WebhookForm } from "@/components/alerts/webhook-form";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { oneParam } from "@/components/ui/search-params";
import { type AlertSettingsView, loadAlertSettings } from "@/lib/alerts/loaders";

export const metadata: Metadata = { title: "Alert settings" };

export default async function AlertSettingsPage({ searchParams }: PageProps<"/settings/alerts">) {
  const view = await loadAlertSettings(oneParam((await searchParams)["entity"]));
  if (view.entity === null) {
    return (
      <ConsolePage title="Alert settings">
        <EmptyState title="No entity is connected yet.">
          What is an alert is said here once SCAYLE and the ERP of a legal entity are connected.
        </EmptyState>
      </ConsolePage>
    );
  }
  return (
    <ConsolePage
      title="Alert settings"
      description="When an alert opens and closes, and who is written to. In the console everybody sees those of what they may see."
      context={{ entities: view.entities, entity: view.entity }}
      actions={
        <>
          <ButtonLink href="/alerts">Alerts</ButtonLink>
          <ButtonLink href="/settings">All settings</ButtonLink>
        </>
      }
    >
      <Rules view={view} />
      <Channels view={view} />
    </ConsolePage>
  );
}

function Rules({ view }: Readonly<{ view: AlertSettingsView }>) {
  const { entity } = view;
  if (!entity) return null;
  return view.rules.map((rule) => (
    <Card key={`${entity.id} ${rule.code}`} title={rule.title} description={rule.meaning}>
      <div className="flex flex-col gap-4">
        <AlertRuleText rule={rule} timeZone={view.timeZone} recipients={view.recipients} />
        {view.may.set && (
          <details>
            <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
              Change “{rule.title}”
            </summary>
            <div className="pt-3">
              <AlertRuleForm
                key={rule.setAt?.toISOString() ?? "as it comes"}
                entityId={entity.id}
                rule={rule}
                recipients={view.recipients}
              />
            </div>
          </details>
        )}
      </div>
    </Card>
  ));
}

function Channels({ view }: Readonly<{ view: AlertSettingsView }>) {
  if (!view.may.everywhere)
    return (
      <Card title="E-mail and webhook">
        <p className="max-w-prose text-sm">
          E-mail is {view.email?.enabled ? "sent" : "not sent"}, and the webhook is{" "}
          {view.webhook?.enabled ? "called" : "not called"}. Whoever administers all entities sets them up.
        </p>
      </Card>
    );
  return (
    <>
      <Card
        title="E-mail"
        description="For all entities. Without a mail server nobody is written to. An e-mail waits a minute for others: what begins together is one e-mail to each person"
        actions={
          view.email?.enabled && <TestButton channel="email" label={`Send a test to ${view.myEmail}`} />
        }
      >
        <MailForm key={view.email?.setAt.toISOString() ?? "none"} email={view.email} />
      </Card>
      <Card
        title="Webhook"
        description="For all entities: each alert that opens or closes, signed after Standard Webhooks, for a pager or a chat"
        actions={view.webhook?.enabled && <TestButton channel="webhook" label="Send a test to the webhook" />}
      >
        <WebhookForm webhook={view.webhook} />
      </Card>
      <Card
        title="Deliveries"
        description="Those that failed first, then the newest. What can’t be sent is tried again for a day and a half, more and more seldom"
        flush
      >
        <DeliveriesTable deliveries={view.deliveries} timeZone={view.timeZone} />
      </Card>
    </>
  );
}
