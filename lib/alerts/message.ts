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

/** What is told in one e-mail: one thing, or all that began in one round for a person. */
export type Letter = Readonly<{
  /** the same with every attempt */
  id: string;
  at: Date;
  /** at least one; a test is alone */
  tellings: readonly Telling[];
}>;

const linkOf = ({ alert, baseUrl }: Telling): string | null =>
  baseUrl === null ? null : new URL(alert?.href ?? "/alerts", baseUrl).href;

const WHY_YOU =
  "You get this because of Settings → Alerts in Tieout, where an administrator says who gets what.";

type Mail = Readonly<{ subject: string; text: string }>;

/** Subject and text of an e-mail. Text alone: nothing in it is loaded, clicked or run. */
export function mailOf({ tellings }: Letter): Mail {
  const [first, ...others] = tellings;
  if (!first) throw new Error("a letter tells something");
  const mail = others.length > 0 ? digestOf(tellings) : first.alert === null ? testOf(first) : oneOf(first);
  // A line break in a subject would be another header.
  return { ...mail, subject: mail.subject.replace(/\s+/g, " ") };
}

function testOf(telling: Telling): Mail {
  const link = linkOf(telling);
  return {
    subject: "Tieout: a test of alerts",
    text: `This is a test. Alerts of Tieout reach this address.${link ? `\n\n${link}` : ""}\n`,
  };
}

const oneOf = (telling: Telling): Mail => ({
  subject: `${telling.event === "closed" ? "Closed: " : ""}${nameOf(telling)}`,
  text: `${[...partsOf(telling), WHY_YOU].join("\n\n")}\n`,
});

/** Several alerts: those that opened, then those that are over, each with whose it is, what to do first and where. */
function digestOf(tellings: readonly Telling[]): Mail {
  const opened = tellings.filter(({ event }) => event === "opened");
  const closed = tellings.filter(({ event }) => event === "closed");
  const counts = countsOf(opened.length, closed.length);
  const entities = [...new Set(tellings.flatMap(({ alert }) => alert?.entityId ?? []))].sort();
  const places = [...opened, ...closed];
  const blocks = places.map((telling, at) =>
    [
      `${at + 1} of ${places.length}. ${telling.event === "closed" ? "Closed: " : ""}${nameOf(telling)}`,
      ...partsOf(telling),
    ].join("\n"),
  );
  return {
    subject: `${counts} (${entities.join(", ")})`,
    text: `${[`${counts}.`, ...blocks, WHY_YOU].join("\n\n")}\n`,
  };
}

function countsOf(opened: number, closed: number): string {
  const alerts = (count: number) => `${count} ${count === 1 ? "alert" : "alerts"}`;
  if (opened === 0) return `${alerts(closed)} closed`;
  return `${alerts(opened)} opened${closed > 0 ? `, ${closed} closed` : ""}`;
}

const nameOf = ({ alert }: Telling): string => (alert === null ? "" : `${alert.title} (${alert.entityId})`);

function partsOf(telling: Telling): readonly string[] {
  const { alert, event } = telling;
  if (alert === null) return [];
  const link = linkOf(telling);
  return [
    ...(event === "closed"
      ? [alert.closedWhy ?? "It is over.", `It was: ${alert.body}`]
      : [alert.body, `Owner: ${alert.owner}`, `What to do first: ${alert.firstAction}`]),
    ...(link ? [link] : []),
  ];
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
