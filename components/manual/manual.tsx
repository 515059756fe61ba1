import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Card } from "@/components/ui/card";
import { DayText, Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import { monthName } from "@/lib/domain/day";
import { feedName } from "@/lib/domain/feed-name";
import type { ManualView } from "@/lib/manual/loaders";

/** The chapters in their order, for the contents and for the page. */
export const chapters = [
  ["records", "Where each record lives, and who owns it"],
  ["causes", "Causes: what they are and what to do"],
  ["alerts", "Alerts: what each means and how to respond"],
  ["checks", "Daily, weekly and month-end checks"],
  ["settings", "Connections, intervals, cut-offs and mappings in force"],
  ["glossary", "Glossary"],
] as const;

const sideName = (side: string): string => (side === "scayle" ? "SCAYLE" : "ERP");

/** "ERP (Business Central)"; a connection that is called as its side is named once. */
const placeOf = ({ side, connection }: Readonly<{ side: string; connection: string }>): string =>
  connection === sideName(side) ? connection : `${sideName(side)} (${connection})`;

/** Links to the chapters, and to each cause and alert by its name. */
export function ManualContents({ view }: Readonly<{ view: ManualView }>) {
  return (
    <nav
      aria-label="Contents"
      id="contents"
      data-screen-only
      className="flex scroll-mt-4 flex-col gap-3 text-sm"
    >
      <ol className="flex flex-col gap-1 sm:flex-row sm:flex-wrap sm:gap-x-6">
        {chapters.map(([id, title]) => (
          <li key={id}>
            <a href={`#${id}`} className="inline-flex min-h-[24px] items-center underline underline-offset-2">
              {title}
            </a>
          </li>
        ))}
      </ol>
      <Index
        title="Causes, by name"
        entries={view.causes.map(({ code, title }) => ({ id: `cause-${code}`, title }))}
      />
      <Index
        title="Alerts, by name"
        entries={view.alerts.map(({ kind, title }) => ({ id: `alert-${kind}`, title }))}
      />
    </nav>
  );
}

function Index({
  title,
  entries,
}: Readonly<{ title: string; entries: readonly Readonly<{ id: string; title: string }>[] }>) {
  const sorted = [...entries].sort((a, b) => (a.title < b.title ? -1 : 1));
  return (
    <div>
      <p className="text-soft">{title}</p>
      <ul aria-label={title} className="flex flex-wrap gap-x-4 gap-y-1">
        {sorted.map((entry) => (
          <li key={entry.id}>
            <a
              href={`#${entry.id}`}
              className="inline-flex min-h-[24px] items-center underline underline-offset-2"
            >
              {entry.title}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Chapter({ id, children }: Readonly<{ id: (typeof chapters)[number][0]; children: ReactNode }>) {
  const title = chapters.find(([one]) => one === id)?.[1];
  return (
    <Card id={id} title={title} className="scroll-mt-4 print:border-0">
      <div className="flex flex-col gap-4">
        {children}
        <p data-screen-only className="text-sm">
          <a href="#contents" className="inline-flex min-h-[24px] items-center underline underline-offset-2">
            Back to the contents
          </a>
        </p>
      </div>
    </Card>
  );
}

/** Feeds, and the teams that look after what is wrong with them. */
export function RecordsChapter({ view }: Readonly<{ view: ManualView }>) {
  return (
    <Chapter id="records">
      <Table caption="Where each record lives" stacked>
        <thead>
          <tr>
            <Th>Record</Th>
            <Th>Lives in</Th>
            <Th>Which system leads</Th>
            <Th>Team that looks after it</Th>
            <Th>Entity</Th>
            <Th>Shop</Th>
            <Th>Feed</Th>
          </tr>
        </thead>
        <tbody>
          {view.feeds.map((feed) => (
            <tr key={feed.id}>
              <Td className="font-medium">{feed.brings}</Td>
              <Td label="Lives in">{placeOf(feed)}</Td>
              <Td label="Which system leads">{feed.leads}</Td>
              <Td label="Team that looks after it">{feed.team}</Td>
              <Td label="Entity">{feed.entityId}</Td>
              <Td label="Shop">{feed.shop ?? "all"}</Td>
              <Td label="Feed">{feedName(feed)}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="max-w-prose text-sm">
        The ERP leads in finance, stock and orders that are finalised; SCAYLE leads in live orders, prices and
        customers. Where both have a record and differ, the one that leads is right until somebody proves
        otherwise.
      </p>
      <p className="max-w-prose text-sm">
        A record is corrected where it lives. Tieout reads both systems again and shows whether they agree; it
        changes nothing there but by a resolution that a person sends.
      </p>
      <ul aria-label="Teams" className="flex flex-col gap-1 text-sm">
        {view.teams.map((team) => (
          <li key={team.id}>
            <strong>{team.name}</strong>
            {team.lead
              ? `, led by ${team.lead}`
              : ", without a lead: overdue exceptions are escalated to nobody"}
            {team.members.length > 0 && `: ${team.members.join(", ")}`}
          </li>
        ))}
      </ul>
    </Chapter>
  );
}

/** Every cause that can be claimed. */
export function CausesChapter({ view }: Readonly<{ view: ManualView }>) {
  return (
    <Chapter id="causes">
      {view.causes.map((cause) => (
        <section key={cause.code} aria-labelledby={`cause-${cause.code}`} className="break-inside-avoid">
          <h3 id={`cause-${cause.code}`} className="scroll-mt-4 font-semibold text-base">
            {cause.title}
          </h3>
          <dl className="grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[9rem_1fr]">
            <dt className="text-soft">How it looks</dt>
            <dd className="max-w-prose">{cause.meaning}</dd>
            <dt className="text-soft">Why it happens</dt>
            <dd className="max-w-prose">{cause.manual}</dd>
            <dt className="text-soft">What to do</dt>
            <dd className="max-w-prose">
              {cause.resolution}
              {cause.ways.length > 0 && ` Offered on the exception: ${cause.ways.join(", ")}.`}
            </dd>
            <dt className="text-soft">Who owns it</dt>
            <dd>{cause.owners.map(({ where, team }) => `${team} (${where})`).join(", ")}</dd>
            <dt className="text-soft">Who decides</dt>
            <dd className="max-w-prose">
              {cause.acts ? cause.decides : "Nobody has to: it is proved and nothing is to be done."}
            </dd>
          </dl>
        </section>
      ))}
    </Chapter>
  );
}

/** Every kind of alert: what it means, what to do, and how it is watched where. */
export function AlertsChapter({ view }: Readonly<{ view: ManualView }>) {
  return (
    <Chapter id="alerts">
      <p className="max-w-prose text-sm">
        An alert is open once for what it is about, names who owns it and what to do first, and closes by
        itself when it is over. Acknowledging it says that somebody looks after it; it stays open until it is
        over.
      </p>
      {view.alerts.map((alert) => (
        <section key={alert.kind} aria-labelledby={`alert-${alert.kind}`} className="break-inside-avoid">
          <h3 id={`alert-${alert.kind}`} className="scroll-mt-4 font-semibold text-base">
            Alert: {alert.title}
          </h3>
          <dl className="grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[9rem_1fr]">
            <dt className="text-soft">What it means</dt>
            <dd className="max-w-prose">{alert.meaning}</dd>
            <dt className="text-soft">How to respond</dt>
            <dd className="max-w-prose">{alert.respond}</dd>
            <dt className="text-soft">Who owns it</dt>
            <dd className="max-w-prose">{alert.owner}</dd>
            <dt className="text-soft">Who sees it</dt>
            <dd className="max-w-prose">{alert.seenBy.join(", ")}</dd>
            {alert.inForce.map((rule) => (
              <div key={rule.entityId} className="contents">
                <dt className="text-soft">In {rule.entityId}</dt>
                <dd className="max-w-prose">
                  {rule.enabled
                    ? `${rule.bounds.map(({ label, value }) => `${label}: ${value.toLocaleString("en")}`).join("; ")}. `
                    : "Not watched. "}
                  E-mail to {rule.recipients.join(", ") || "nobody"}
                  {rule.webhook ? ", and the webhook" : ""}, where those are set up.{" "}
                  {rule.setBy === null ? "As it comes." : `Set by ${rule.setBy}: ${rule.reason ?? ""}`}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Chapter>
  );
}

/** What each role looks at each day and week, and the entity's checklist at month-end. */
export function ChecksChapter({ view }: Readonly<{ view: ManualView }>) {
  return (
    <Chapter id="checks">
      <Table caption="Daily, weekly and monthly checks" stacked>
        <thead>
          <tr>
            <Th>Role</Th>
            <Th>Every</Th>
            <Th>What is checked</Th>
            <Th>Where</Th>
          </tr>
        </thead>
        <tbody>
          {view.checks.map((check) => (
            <tr key={check.what}>
              <Td className="font-medium">{check.roleTitle}</Td>
              <Td label="Every">{check.every === "month" ? "month-end" : check.every}</Td>
              <Td label="What is checked">{check.what}</Td>
              <Td label="Where">
                <Link
                  href={check.href as Route}
                  className="inline-flex min-h-[24px] items-center underline underline-offset-2"
                >
                  {check.where}
                </Link>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {view.entities.map((entity) => (
        <Table key={entity.id} caption={`Month-end of ${entity.name}`} stacked>
          <thead>
            <tr>
              <Th>Month-end of {entity.name}</Th>
              <Th>Team</Th>
              <Th>Working day</Th>
              <Th>Done by</Th>
            </tr>
          </thead>
          <tbody>
            {view.tasks
              .filter((task) => task.entityId === entity.id)
              .map((task) => (
                <tr key={task.id}>
                  <Td className="font-medium">
                    {task.title}
                    <span className="block text-soft text-xs">{task.what}</span>
                  </Td>
                  <Td label="Team">{task.team}</Td>
                  <Td label="Working day">{task.dueDay > 0 ? `WD+${task.dueDay}` : `WD−${-task.dueDay}`}</Td>
                  <Td label="Done by">
                    {task.byItself
                      ? "itself, from the facts"
                      : task.needsReview
                        ? "a person, and a reviewer"
                        : "a person"}
                  </Td>
                </tr>
              ))}
          </tbody>
        </Table>
      ))}
    </Chapter>
  );
}

/** What mappings are called: of one, of several. */
const KINDS: Readonly<
  Record<ManualView["mappings"][number]["kinds"][number]["kind"], readonly [one: string, many: string]>
> = {
  "tax-code": ["tax code", "tax codes"],
  item: ["item or account", "items and accounts"],
  reference: ["rule for order references", "rules for order references"],
  payment: ["payment method", "payment methods"],
};

/** What is set, and why. */
export function SettingsChapter({ view }: Readonly<{ view: ManualView }>) {
  return (
    <Chapter id="settings">
      <h3 className="font-semibold text-base">Connections</h3>
      <ul aria-label="Connections" className="flex flex-col gap-1 text-sm">
        {view.connections.map((one) => (
          <li key={one.id}>
            {one.entityId}: {one.name !== sideName(one.side) && `${sideName(one.side)}, `}
            <strong>{one.name}</strong>;{" "}
            {one.connectedBy !== null && one.connectedAt !== null ? (
              <>
                connected <Instant at={one.connectedAt} timeZone={one.timeZone} withZone /> by{" "}
                {one.connectedBy}: {one.connectedWhy?.replace(/\.$/, "") ?? "no reason was given"};{" "}
              </>
            ) : (
              "the trail does not say who connected it, when and why; "
            )}
            {one.roundingBy
              ? `how it rounds was confirmed by ${one.roundingBy}`
              : "nobody has confirmed how it rounds yet"}
          </li>
        ))}
      </ul>
      <h3 className="font-semibold text-base">Intervals in force</h3>
      <Table caption="Intervals in force" stacked>
        <thead>
          <tr>
            <Th>Feed</Th>
            <Th>Read every</Th>
            <Th>Promises to be at most behind</Th>
            <Th>Set by, and why</Th>
            <Th>Why it is otherwise at present</Th>
          </tr>
        </thead>
        <tbody>
          {view.feeds.map((feed) => (
            <tr key={feed.id}>
              <Td className="font-medium">
                {feedName(feed)}
                <span className="block font-normal text-soft text-xs">
                  {feed.entityId}, {placeOf(feed)}
                </span>
              </Td>
              <Td label="Read every">{feed.every}</Td>
              <Td label="Promises to be at most behind">{feed.promise}</Td>
              <Td label="Set by, and why">
                <span>
                  {feed.setBy === null
                    ? "as it comes: nobody has set it"
                    : `${feed.setBy}: ${feed.why ?? "no reason was asked then"}`}
                </span>
              </Td>
              <Td label="Why it is otherwise at present">
                <span>{feed.reason ?? "–"}</span>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <h3 className="font-semibold text-base">Cut-offs in force</h3>
      <Table caption="Cut-offs in force" stacked>
        <thead>
          <tr>
            <Th>Entity</Th>
            <Th>Month</Th>
            <Th align="end">Hours after its end</Th>
            <Th>Set by</Th>
            <Th>Why</Th>
          </tr>
        </thead>
        <tbody>
          {view.cutOffs.map((one) => (
            <tr key={`${one.entityId} ${one.month}`}>
              <Td className="font-medium">{one.entityId}</Td>
              <Td label="Month">{one.month ? monthName(one.month) : "every other"}</Td>
              <Td label="Hours after its end" align="end">
                {one.hours}
              </Td>
              <Td label="Set by">{one.setBy ?? "–"}</Td>
              <Td label="Why">{one.reason ?? "No reason was given."}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {view.mappings.map((one) => (
        <section key={one.entityId} aria-label={`Mappings of ${one.entityId}`} className="text-sm">
          <h3 className="font-semibold">Mappings of {one.entityId}</h3>
          <p>
            {one.kinds
              .map(({ kind, count }) => `${count.toLocaleString("en")} ${KINDS[kind][count === 1 ? 0 : 1]}`)
              .join(", ")}{" "}
            in force.
          </p>
          {one.kinds.map(({ kind, count, rows }) => (
            <div key={kind} className="flex flex-col gap-1 pt-2">
              {rows.length > 0 && <h4 className="text-soft first-letter:uppercase">{KINDS[kind][1]}</h4>}
              <ul className="flex flex-col gap-1">
                {rows.map((row) => (
                  <li key={row.says}>
                    {row.says}. Confirmed by {row.by}, <DayText day={row.day} />:{" "}
                    {row.reason ?? "no reason was given"}
                  </li>
                ))}
              </ul>
              {count > rows.length && (
                <p>
                  {(count - rows.length).toLocaleString("en")} more are at Settings → Mappings, with who
                  confirmed each.
                </p>
              )}
            </div>
          ))}
        </section>
      ))}
    </Chapter>
  );
}

/** The words. */
export function GlossaryChapter({ view }: Readonly<{ view: ManualView }>) {
  return (
    <Chapter id="glossary">
      <dl className="grid gap-x-4 gap-y-1 text-sm sm:grid-cols-[12rem_1fr]">
        {view.glossary.map(({ word, means }) => (
          <div key={word} className="contents">
            <dt className="font-medium">{word}</dt>
            <dd className="max-w-prose">{means}</dd>
          </div>
        ))}
      </dl>
    </Chapter>
  );
}
