"use client";

import { RotateCw } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { Payload } from "@/components/ui/payload";
import { useCommand } from "@/components/ui/use-command";
import { resyncMany } from "@/lib/orders/actions";
import { retryFailed } from "@/lib/sync/actions";
import type { FailedRow } from "@/lib/sync/data";
import { ErrorClassBadge, errorClassWords } from "./error-class-badge";
import { GiveUpForm } from "./give-up-form";

type Rights = Readonly<{ entityId: string; mayRetry: boolean; mayResync: boolean }>;

/** Failed records, to be retried one by one or many at once, or given up with a reason. */
export function FailedList({
  records,
  timeZone,
  count,
  filter,
  lacks,
  ...rights
}: Rights &
  Readonly<{
    /** by record: the mapping that it lacks, to be set here */
    lacks: Readonly<Record<string, ReactNode>>;
    records: readonly FailedRow[];
    timeZone: string;
    /** how many the filter means, also those that are not shown */
    count: number;
    filter: Readonly<Record<string, string>>;
  }>) {
  const router = useRouter();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { run, pending } = useCommand(retryFailed, {
    done: ({ count }) =>
      `${count === 1 ? "It is" : `${count} records are`} asked for again; the page shows what came of it.`,
    onDone: () => {
      setChosen(new Set());
      // The tries go on in the background: what they find is seen a moment later.
      for (const wait of [1500, 4000, 9000, 15_000]) setTimeout(() => router.refresh(), wait);
    },
  });
  const retry = (ids: readonly string[]) => run({ entityId: rights.entityId, ids: [...ids] });
  const resync = useCommand(resyncMany, {
    onDone: ({ runId }) => router.push(`/orders/resync/${runId}` as Route),
  });
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const isAll = chosen.size === records.length;
  return (
    <>
      {rights.mayRetry && (
        <div className="flex flex-wrap items-center gap-3 border-line border-b px-4 py-2">
          <label className="flex min-h-8 items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={isAll}
              onChange={() => setChosen(isAll ? new Set() : new Set(records.map((record) => record.id)))}
            />
            All {records.length} shown
          </label>
          <Button
            icon={<RotateCw aria-hidden size={14} />}
            pending={pending}
            disabled={chosen.size === 0}
            onClick={() => retry([...chosen])}
          >
            Retry {chosen.size === 0 ? "selected" : chosen.size === 1 ? "1 record" : `${chosen.size} records`}
          </Button>
          {rights.mayResync && (
            <>
              <Button
                pending={resync.pending}
                disabled={chosen.size === 0}
                onClick={() =>
                  resync.run({ entityId: rights.entityId, selection: { by: "failed", ids: [...chosen] } })
                }
              >
                Resync their orders
              </Button>
              {count > records.length && (
                <Button
                  variant="quiet"
                  pending={resync.pending}
                  onClick={() =>
                    resync.run({
                      entityId: rights.entityId,
                      selection: { by: "failed-matching", filter: { ...filter } },
                    })
                  }
                >
                  Resync all {count.toLocaleString("en")} matching this filter
                </Button>
              )}
              {resync.error && (
                <Message tone="broken" live>
                  {resync.error}
                </Message>
              )}
            </>
          )}
        </div>
      )}
      <ul aria-label="Failed records" className="flex flex-col">
        {records.map((record) => (
          <li key={record.id} className="flex gap-3 border-line border-b px-4 py-3 text-sm last:border-b-0">
            {rights.mayRetry && (
              <input
                type="checkbox"
                aria-label={`Select ${nameOf(record)}`}
                className="mt-0.5 size-4 shrink-0 accent-accent"
                checked={chosen.has(record.id)}
                onChange={(event) => toggle(record.id, event.target.checked)}
              />
            )}
            <Failed
              record={record}
              lack={lacks[record.id]}
              timeZone={timeZone}
              rights={rights}
              pending={pending || resync.pending}
              onRetry={() => retry([record.id])}
              onResync={() =>
                resync.run({ entityId: rights.entityId, selection: { by: "failed", ids: [record.id] } })
              }
            />
          </li>
        ))}
      </ul>
    </>
  );
}

const nameOf = ({ reference, sourceId }: FailedRow): string =>
  reference || sourceId || "a record without an id";

function Failed({
  record,
  lack,
  timeZone,
  rights,
  pending,
  onRetry,
  onResync,
}: Readonly<{
  record: FailedRow;
  lack: ReactNode;
  timeZone: string;
  rights: Rights;
  pending: boolean;
  onRetry: () => void;
  onResync: () => void;
}>) {
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-1.5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="flex flex-wrap items-center gap-2 font-medium">
          {record.orderKnown ? (
            <Link
              href={`/orders/${record.orderKey}` as Route}
              className="underline decoration-line-strong underline-offset-4"
            >
              {nameOf(record)}
            </Link>
          ) : (
            nameOf(record)
          )}
          {record.goneAt ? (
            <Badge tone="attention">Deleted at the source</Badge>
          ) : (
            <ErrorClassBadge errorClass={record.errorClass} />
          )}
        </span>
        <span className="text-soft text-xs">
          {record.feedId} · first <Instant at={record.firstSeenAt} timeZone={timeZone} /> · last{" "}
          <Instant at={record.lastSeenAt} timeZone={timeZone} />
        </span>
      </div>
      <p className="break-words">{record.reason}</p>
      <p className="text-soft text-xs">
        <Fate record={record} timeZone={timeZone} />
      </p>
      <Payload payload={record.payload} />
      {lack}
      {rights.mayRetry && (
        <div className="flex flex-wrap items-center gap-2">
          <Button pending={pending} onClick={onRetry}>
            Retry
          </Button>
          {rights.mayResync && (
            <Button pending={pending} onClick={onResync} aria-label={`Resync ${nameOf(record)}`}>
              Resync
            </Button>
          )}
          {!record.givenUpAt && <GiveUpForm entityId={rights.entityId} id={record.id} />}
        </div>
      )}
    </div>
  );
}

/** What becomes of it: who acts next, and when. */
function Fate({ record, timeZone }: Readonly<{ record: FailedRow; timeZone: string }>) {
  const tried =
    record.attempts === 0
      ? ""
      : ` Tried again ${record.attempts === 1 ? "once" : `${record.attempts} times`}.`;
  if (record.givenUpAt) {
    return (
      <>
        Given up <Instant at={record.givenUpAt} timeZone={timeZone} />, owned by{" "}
        {record.givenUpBy ?? record.ownerTeam}: {record.givenUpWhy}
        {tried}
      </>
    );
  }
  if (record.goneAt) {
    return (
      <>
        Found to be gone <Instant at={record.goneAt} timeZone={timeZone} />. Owned by {record.ownerTeam}: ask
        why it was deleted, and correct what the ERP posted of it.{tried}
      </>
    );
  }
  if (record.nextTryAt) {
    return (
      <>
        Tried again by itself <Instant at={record.nextTryAt} timeZone={timeZone} />.{tried}
      </>
    );
  }
  return (
    <>
      Owned by {record.ownerTeam}.{" "}
      {record.missing
        ? "It lacks a mapping: once that is set, it can be read."
        : errorClassWords[record.errorClass]?.help}
      {tried}
    </>
  );
}
