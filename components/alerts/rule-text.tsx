import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import type { AlertSettingsView } from "@/lib/alerts/loaders";

type Rule = AlertSettingsView["rules"][number];

/** How a kind of alert is watched at present, who is written to, and why it was set so. */
export function AlertRuleText({
  rule,
  timeZone,
  recipients,
}: Readonly<{ rule: Rule; timeZone: string; recipients: AlertSettingsView["recipients"] }>) {
  const names = recipients.filter(({ id }) => rule.recipients.includes(id)).map(({ name }) => name);
  return (
    <div className="flex flex-col gap-1 text-sm">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Badge tone={rule.enabled ? "agrees" : "attention"}>{rule.enabled ? "Watched" : "Not watched"}</Badge>
        {rule.fields.map(({ name, label, value }) => (
          <span key={name}>
            <span className="text-soft">{label}:</span>{" "}
            <span className="figures">{value.toLocaleString("en")}</span>
          </span>
        ))}
      </p>
      <p className="max-w-prose">
        <span className="text-soft">E-mail to:</span> {names.join("; ") || "nobody"}
        {rule.webhook && "; and the webhook"}
      </p>
      <p className="max-w-prose text-soft">
        {rule.setBy !== null && rule.setAt !== null ? (
          <>
            Set by {rule.setBy}, <Instant at={rule.setAt} timeZone={timeZone} />: {rule.reason}
          </>
        ) : (
          "As it comes: nobody has set it."
        )}
      </p>
    </div>
  );
}
