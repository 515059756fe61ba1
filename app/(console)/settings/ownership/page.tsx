import { Download, Search } from "lucide-react";
import type { Metadata, Route } from "next";
import { ChangesCard } from "@/components/ownership/changes-card";
import { ImportForm } from "@/components/ownership/import-form";
import { RemoveOwner } from "@/components/ownership/remove-button";
import { RuleForm } from "@/components/ownership/rule-form";
import { TeamForm } from "@/components/ownership/team-form";
import { OwnerRequestCard, OwnerRequestList } from "@/components/settings/ownership/requests";
import { ConsolePage } from "@/components/shell/console-page";
import { Badge } from "@/components/ui/badge";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { oneParam } from "@/components/ui/search-params";
import { Table, Td, Th } from "@/components/ui/table";
import { loadOwnership, type OwnershipView } from "@/lib/ownership/loaders";
import { loadOwnerRequests } from "@/lib/ownership/request-view";
import { RequestId } from "@/lib/ownership/schema";

export const metadata: Metadata = { title: "Ownership" };

export default async function OwnershipPage({ searchParams }: PageProps<"/settings/ownership">) {
  const params = await searchParams;
  const search = oneParam(params["q"])?.slice(0, 100) ?? "";
  const asked = RequestId.safeParse(oneParam(params["request"])).data;
  const [view, requests] = await Promise.all([loadOwnership(search), loadOwnerRequests(asked)]);
  return (
    <ConsolePage
      title="Ownership"
      description="Which team owns what, who leads it and who is in it."
      actions={
        <>
          <ButtonLink href="/settings/due-dates">Due dates and holidays</ButtonLink>
          <ButtonLink href="/settings">All settings</ButtonLink>
        </>
      }
    >
      {requests.isGone && <Message title="There is no such request, or it is not for you to see." />}
      {requests.one && <OwnerRequestCard key={requests.one.id} request={requests.one} />}
      <OwnerRequestList requests={requests} />
      <Rules view={view} search={search} />
      <Teams view={view} />
      <ChangesCard history={view.history} timeZone={view.timeZone} />
    </ConsolePage>
  );
}

function Rules({ view, search }: Readonly<{ view: OwnershipView; search: string }>) {
  return (
    <Card
      title="Who owns a cause"
      description="A row for a shop goes before one for an entity, and that before one for all; without any, the cause says it itself"
      actions={
        // Not prefetched: it is a file.
        <a
          href={"/settings/ownership/table" as Route}
          download="ownership.csv"
          className="fade inline-flex h-8 items-center gap-1.5 rounded-md border border-line bg-surface px-3 font-medium text-sm hover:bg-hover max-md:h-10"
        >
          <Download aria-hidden size={14} />
          Export as CSV
        </a>
      }
    >
      <div className="flex flex-col gap-4">
        {view.may.some && (
          <RuleForm
            causes={view.causes}
            entities={view.entities}
            shops={view.shops}
            teams={view.teams}
            everywhere={view.may.everywhere}
          />
        )}
        <form method="get" className="flex flex-wrap items-end gap-2">
          <TextField
            label="Search by cause, entity, shop or team"
            name="q"
            type="search"
            defaultValue={search}
            className="w-72 max-w-full"
          />
          <Button type="submit" icon={<Search aria-hidden size={14} />}>
            Search
          </Button>
          <p className="text-sm text-soft">
            {view.rules.length === view.total
              ? `${view.total} rows`
              : `${view.rules.length} of ${view.total} rows`}
          </p>
        </form>
        <Table caption="Who owns which cause">
          <thead>
            <tr>
              <Th>Cause</Th>
              <Th>Entity</Th>
              <Th>Shop</Th>
              <Th>Team</Th>
              <Th>
                <span className="sr-only">Remove</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {view.rules.map((rule) => (
              <tr key={rule.id}>
                <Td>{rule.title}</Td>
                <Td>{rule.entityId ?? "all"}</Td>
                <Td>{rule.shop ?? rule.shopId ?? "all"}</Td>
                <Td>{rule.teamName}</Td>
                <Td align="end">
                  {rule.mayChange && (
                    <RemoveOwner
                      id={rule.id}
                      what={`${rule.title}, ${rule.entityId ?? "all entities"}, ${rule.shop ?? "all shops"}`}
                    />
                  )}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
        {view.may.everywhere && (
          <details>
            <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
              Import the table
            </summary>
            <div className="pt-3">
              <ImportForm />
            </div>
          </details>
        )}
      </div>
    </Card>
  );
}

function Teams({ view }: Readonly<{ view: OwnershipView }>) {
  return (
    <Card
      title="Teams"
      description="What a team owns and is overdue is escalated to its lead, every five minutes"
    >
      <ul className="flex flex-col gap-4">
        {view.teams.map((team) => (
          <li key={team.id} className="border-line border-b pb-4">
            <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
              <h3 className="font-semibold">{team.name}</h3>
              <span className="text-sm text-soft">{team.id}</span>
              {team.lead ? (
                <span className="text-sm">led by {team.lead}</span>
              ) : (
                <Badge tone="attention">No lead</Badge>
              )}
            </div>
            <p className="text-sm text-soft">
              {team.members.length === 0
                ? "Nobody is in it yet."
                : team.members.map((member) => member.name).join(", ")}
            </p>
            {view.may.everywhere && (
              <details>
                <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
                  Change {team.name}
                </summary>
                <TeamForm team={team} people={view.people} />
              </details>
            )}
          </li>
        ))}
      </ul>
      {view.may.everywhere && (
        <details className="pt-4">
          <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
            Make a new team
          </summary>
          <TeamForm team={null} people={view.people} />
        </details>
      )}
    </Card>
  );
}
