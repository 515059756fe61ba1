import { toJson } from "@/lib/domain/json";

/** What is told of an alert, or a test. */
export type Telling = Readonly<{
  /** the delivery's own id: the same with every attempt */
  id: string;
  event: "opened" | "closed" | "test";
  at: Date;
  /** null: a test */
  alert: Readonly<{
    id: string;
    kind: string;
    entityId: string;
    title: string;
    body: string;
    owner: string;
    firstAction: string;
    href: string;
    closedWhy: string | null;
  }> | null;
  /** the console's own address; null: not known to this process */
  baseUrl: string | null;
}>;

const linkOf = ({ alert, baseUrl }: Telling): string | null =>
  baseUrl === null ? null : new URL(alert?.href ?? "/alerts", baseUrl).href;

/** Subject and text of an e-mail. Text alone: nothing in it is loaded, clicked or run. */
export function mailOf(telling: Telling): Readonly<{ subject: string; text: string }> {
  const { alert, event } = telling;
  const link = linkOf(telling);
  if (alert === null)
    return {
      subject: "Tieout: a test of alerts",
      text: `This is a test. Alerts of Tieout reach this address.${link ? `\n\n${link}` : ""}\n`,
    };
  const parts =
    event === "closed"
      ? [alert.closedWhy ?? "It is over.", `It was: ${alert.body}`]
      : [alert.body, `Owner: ${alert.owner}`, `What to do first: ${alert.firstAction}`];
  return {
    // A line break in a subject would be another header.
    subject: `${event === "closed" ? "Closed: " : ""}${alert.title} (${alert.entityId})`.replace(/\s+/g, " "),
    text: `${[
      ...parts,
      ...(link ? [link] : []),
      "You get this because of Settings → Alerts in Tieout, where an administrator says who gets what.",
    ].join("\n\n")}\n`,
  };
}

/** The body of a webhook, as Standard Webhooks has it: type, timestamp, data. */
export function webhookBodyOf(telling: Telling): string {
  const { alert, event, at } = telling;
  return toJson({
    type: `alert.${event}`,
    timestamp: at.toISOString(),
    data:
      alert === null
        ? { message: "This is a test. Alerts of Tieout reach this address." }
        : {
            id: alert.id,
            kind: alert.kind,
            entity: alert.entityId,
            title: alert.title,
            text: alert.body,
            owner: alert.owner,
            firstAction: alert.firstAction,
            url: linkOf(telling),
            ...(event === "closed" ? { closedWhy: alert.closedWhy } : {}),
          },
  });
}
