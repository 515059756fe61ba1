import type { Metadata, Route } from "next";
import { LimitForm } from "@/components/acceptance/limit-form";
import { DecideRule, EndRule } from "@/components/acceptance/rule-controls";
import { Effect, RuleForm } from "@/components/acceptance/rule-form";
import { ConsolePage } from "@/components/shell/console-page";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { DayText, Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { oneParam } from "@/components/ui/search-params";
import { Table, Td, Th } from "@/components/ui/table";
import type { Tone } from "@/components/ui/tone";
import { type AcceptanceRulesView, loadAcceptanceRules } from "@/lib/acceptance/loaders";
import { formatPlain } from "@/lib/domain/money";

export const metadata: Metadata = { title: "Accepting" };

export default async function AcceptanceRulesPage({ searchParams }: PageProps<"/settings/acceptance-rules">) {
  const view = await loadAcceptanceRules(oneParam((await searchParams)["entity"]));
  if (view.entity === null) {
    return (
      <ConsolePage title="Accepting">
        <EmptyState title="No entity is connected yet.">
          What is always accepted is said here once SCAYLE and the ERP of a legal entity are connected.
        </EmptyState>
      </ConsolePage>
    );
  }
  const { entity, waiting } = view;
  return (
    <ConsolePage
      title="Accepting"
      description="What one person may accept alone, and what is always accepted by a rule that a second person approved."
      context={{ entities: view.entities, entity }}
      actions={<ButtonLink href="/settings">All settings</ButtonLink>}
    >
      {waiting > 0 && (
        <Message
          tone="attention"
          title={`${waiting} ${waiting === 1 ? "exception waits" : "exceptions wait"} for a second person`}
          action={
            view.may.seeExceptions && (
              <ButtonLink
                href={
                  `/exceptions?entity=${encodeURIComponent(entity.id)}&approval=asked&state=open` as Route
                }
              >
                Show them
              </ButtonLink>
            )
          }
        />
      )}
      <Rules view={view} />
      {view.may.propose && (
        <Card
          title="Propose a rule"
          description="For causes of which both sides have the record and an attribute differs; where money is missing on one side, or nothing explains a difference, somebody looks at each"
        >
          <RuleForm key={entity.id} entityId={entity.id} choices={view.choices} lastDay={view.nextYear} />
        </Card>
      )}
      <Limits view={view} />
    </ConsolePage>
  );
}

type Rule = AcceptanceRulesView["rules"][number];

const states: Readonly<Record<Rule["state"], readonly [Tone, string]>> = {
  asked: ["attention", "Waits for approval"],
  active: ["agrees", "In force"],
  rejected: ["neutral", "Rejected"],
  ended: ["neutral", "Ended"],
};

function Rules({ view }: Readonly<{ view: AcceptanceRulesView }>) {
  return (
    <Card title="Always accepted" flush={view.rules.length === 0}>
      {view.rules.length === 0 ? (
        <EmptyState title="No rule yet.">Every exception is looked at by somebody.</EmptyState>
      ) : (
        <ul className="flex flex-col gap-4">
          {view.rules.map((rule) => (
            <li
              key={rule.id}
              className="flex flex-col gap-2 border-line border-b pb-4 last:border-0 last:pb-0"
            >
              <RuleFacts rule={rule} view={view} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function scopeOf(rule: Rule, shops: AcceptanceRulesView["choices"]["shops"]): string {
  const parts = [
    rule.shopId && `shop ${shops.find(({ id }) => id === rule.shopId)?.name ?? rule.shopId}`,
    rule.channel && `channel ${rule.channel}`,
    rule.taxCode === "" ? "lines without a tax code" : rule.taxCode && `tax code ${rule.taxCode}`,
  ].filter(Boolean);
  return parts.length === 0 ? "in all shops and channels" : parts.join(", ");
}

function RuleFacts({ rule, view }: Readonly<{ rule: Rule; view: AcceptanceRulesView }>) {
  const { entity, may } = view;
  const [tone, word] = rule.isExpired ? (["neutral", "Expired"] as const) : states[rule.state];
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-semibold">{rule.title}</h3>
        <Badge tone={tone}>{word}</Badge>
        <span className="text-sm">
          {scopeOf(rule, view.choices.shops)}, at most{" "}
          <Amount minor={rule.maxMinor} currency={rule.currency} withCurrency /> each, until{" "}
          <DayText day={rule.expiresOn} />
        </span>
      </div>
      <p className="max-w-prose text-sm">{rule.reason}</p>
      <p className="text-sm text-soft">
        Made by {rule.madeBy} <Instant at={rule.madeAt} timeZone={entity.timeZone} />
        {rule.decidedBy && `, ${rule.state === "rejected" ? "rejected" : "approved"} by ${rule.decidedBy}`}
        {rule.endedBy && `, ended by ${rule.endedBy}: ${rule.endedWhy}`}.{" "}
        {rule.isWaiting && !rule.isExpired && rule.accepted === 0
          ? "The next reconciliation applies it."
          : rule.state !== "asked" &&
            `${rule.accepted.toLocaleString("en")} ${rule.accepted === 1 ? "exception is" : "exceptions are"} accepted by it now.`}
      </p>
      {rule.effect && (
        <div className="text-sm">
          <Effect effect={rule.effect} />
        </div>
      )}
      {rule.state === "asked" && rule.isMine && (
        <p className="text-sm text-soft">You made it: somebody else has to decide.</p>
      )}
      <div className="flex flex-wrap gap-2">
        {rule.state === "asked" && may.approve && !rule.isMine && (
          <DecideRule id={rule.id} entityId={entity.id} />
        )}
        {(rule.state === "active" || rule.state === "asked") && may.propose && (
          <EndRule id={rule.id} entityId={entity.id} accepted={rule.accepted} />
        )}
      </div>
    </>
  );
}

function Limits({ view }: Readonly<{ view: AcceptanceRulesView }>) {
  return (
    <Card
      title="What one person may accept alone"
      description="Above it somebody asks and somebody else approves. A limit holds for everybody but whoever set it. What is not known counts as above it"
      flush
    >
      <Table caption="Limits by currency">
        <thead>
          <tr>
            <Th>Currency</Th>
            <Th align="end">Up to</Th>
            <Th>Set by</Th>
            {view.may.setLimits && <Th align="end">Change</Th>}
          </tr>
        </thead>
        <tbody>
          {view.limits.map((limit) => (
            <tr key={limit.id}>
              <Td>{limit.currency}</Td>
              <Td align="end">
                <Amount minor={limit.minor} currency={limit.currency} />
              </Td>
              <Td>{limit.setBy ?? "default"}</Td>
              {view.may.setLimits && (
                <Td align="end">
                  <LimitForm
                    key={limit.minor.toString()}
                    entityId={view.entity.id}
                    currency={limit.currency}
                    amount={formatPlain(limit.minor, limit.currency)}
                  />
                </Td>
              )}
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
