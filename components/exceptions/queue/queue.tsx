"use client";

import type { Route } from "next";
import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import { addToPalette, openPalette } from "@/components/ui/palette-store";
import { withParams } from "@/components/ui/search-params";
import { showToast } from "@/components/ui/toast-store";
import type { ExceptionTotal } from "@/lib/exceptions/data";
import type { ExceptionsView } from "@/lib/exceptions/loaders";
import { Choosing, ExceptionsTable } from "../exceptions-table";
import { ActDialog, type Asking } from "./act-dialog";
import { HelpSheet } from "./help-sheet";
import { type QueueCommand, queueKeys } from "./keys";
import { QueueBar, type QueueRights } from "./queue-bar";
import { isChosen, NOTHING, toggled, totalsOf, without, withRange, withShown } from "./selection";
import { type Aim, useActs } from "./use-acts";
import { useCursor } from "./use-cursor";
import { useQueueKeys, useSingleKeys } from "./use-keys";
import { useRows } from "./use-rows";

export type QueueProps = Readonly<{
  entityId: string;
  /** the first page; the others are loaded as one scrolls */
  rows: ExceptionsView["rows"];
  next: string | null;
  totals: readonly ExceptionTotal[];
  /** the filter as the address says it: what "all that match" means */
  filter: Readonly<Record<string, string>>;
  sort: string;
  selectedId: string | undefined;
  today: string;
  may: QueueRights;
  people: readonly Readonly<{ id: string; name: string }>[];
  teams: readonly Readonly<{ id: string; name: string }>[];
  actorId: string;
  /** views of the queue, for the palette */
  links: readonly Readonly<{ label: string; href: string }>[];
  hidden: readonly string[];
}>;

/** The list of exceptions as people work it: rows chosen and acted on, by keys or by buttons. */
export function Queue(props: QueueProps) {
  const { entityId, totals, filter, sort, selectedId, today, may } = props;
  const count = totals.reduce((sum, total) => sum + total.count, 0);
  const router = useRouter();
  const params = useSearchParams();
  const mayChoose = may.assign || may.resync;
  const list = useRef<HTMLDivElement>(null);
  const anchor = useRef<string | null>(null);
  const [selection, setSelection] = useState(NOTHING);
  // What an act was sent for. Rows that are chosen before its answer is here stay chosen.
  const sent = useRef(NOTHING);
  const [shown, setShown] = useState<Asking | "help" | null>(null);
  const [singleKeys, setSingleKeys] = useSingleKeys();
  const reach = useRef(0);
  const { rows, hasMore, more, expire } = useRows(
    props.rows,
    props.next,
    new URLSearchParams({ ...filter, sort, entity: entityId }).toString(),
    reach,
  );
  const ids = useMemo(() => rows.map((row) => row.id), [rows]);
  const byId = useMemo(() => new Map(rows.map((row) => [row.id, row])), [rows]);
  const reveal = useRef<((id: string) => void) | null>(null);
  const cursor = useCursor(list, ids, selectedId, reveal);
  const place = useMemo(() => (cursor.id === null ? -1 : ids.indexOf(cursor.id)), [ids, cursor.id]);
  useEffect(() => {
    reach.current = place + 1;
  }, [place]);
  const acts = useActs(entityId, () => {
    setShown(null);
    setSelection((now) => without(now, sent.current));
    expire();
    cursor.restoreWhenChanged();
  });
  const current = cursor.id === null ? undefined : byId.get(cursor.id);
  const rowNow = () => byId.get(cursor.now() ?? "");
  const aim = aimOf(current);

  /** What commands mean: the selection, else the row that had the focus last. */
  function aimOf(at: Row | undefined): Aim | null {
    if (selection.all) return { kind: "all", filter };
    if (selection.rows.size === 0) return at ? { kind: "one", ...at } : null;
    // A row that is shown is meant as it is shown.
    return {
      kind: "chosen",
      ids: [...selection.rows.values()].map(({ id, version }) => ({
        id,
        version: byId.get(id)?.version ?? version,
      })),
    };
  }
  const choose = (id: string, range: boolean) => {
    const row = byId.get(id);
    if (!row || !mayChoose) return;
    const from = anchor.current;
    // Keys may come faster than the page is drawn: each goes on from what the one before left.
    setSelection((now) => (range ? withRange(now, rows, from, id) : toggled(now, row, rows)));
    anchor.current = id;
  };
  const chooseNow = (range: boolean) => {
    const row = rowNow();
    if (row) choose(row.id, range);
  };
  const go = (changes: Record<string, string | null>) =>
    router.replace(`/exceptions${withParams(params, changes)}` as Route, { scroll: false });
  const step = (by: 1 | -1) => {
    const at = cursor.move(by);
    // The panel follows, so that the list is read through in it.
    if (at !== null && selectedId !== undefined) go({ selected: at });
    if (at !== null || rows.length === 0) return;
    if (by === 1 && hasMore) {
      more();
      showToast({ tone: "neutral", text: "Further rows are being loaded." });
      return;
    }
    showToast({ tone: "neutral", text: by === 1 ? "That was the last row." : "That was the first row." });
  };
  const ask = (asking: Asking) => {
    const row = rowNow();
    // What can't be accepted is resolved in its record: what is to be done stands there.
    if (asking === "resolve" && row && aimOf(row)?.kind === "one" && !(row.acceptable && may.accept)) {
      router.push(`/exceptions${withParams(params, { selected: row.id })}#resolution` as Route);
      return;
    }
    const no = refusalOf(asking, aimOf(row), may);
    if (no === null) setShown(asking);
    else showToast({ tone: "attention", text: no });
  };
  const close = () => {
    setShown(null);
    // Once the dialog is gone, and has not given the focus to nothing.
    setTimeout(cursor.restore);
  };
  const does: Readonly<Record<QueueCommand | "select-all" | "clear-all", () => void>> = {
    next: () => step(1),
    previous: () => step(-1),
    select: () => chooseNow(false),
    "select-range": () => chooseNow(true),
    "select-shown": () => mayChoose && setSelection((now) => withShown(now, rows, count)),
    "select-all": () => setSelection({ all: true, rows: new Map() }),
    "clear-all": () => setSelection(NOTHING),
    clear: () => {
      if (selection.all || selection.rows.size > 0) setSelection(NOTHING);
      else if (selectedId !== undefined) go({ selected: null });
    },
    open: () => cursor.open(),
    assign: () => ask("assign"),
    "hand-over": () => ask("hand-over"),
    wait: () => ask("wait"),
    resolve: () => ask("resolve"),
    comment: () => ask("comment"),
    undo: () => may.assign && acts.undo(),
    resync: () => readAgain(),
    search: () => document.querySelector<HTMLElement>('input[name="q"]')?.focus(),
    help: () => setShown("help"),
    palette: openPalette,
  };
  const run = (command: keyof typeof does) => does[command]();
  function readAgain(): void {
    if (acts.pending) return;
    const row = rowNow();
    const meant = aimOf(row);
    const isOfFeed = meant?.kind === "one" && row?.cause === "feed-behind";
    const no =
      meant === null
        ? "Select rows first, or move to one with j and k."
        : !may.resync
          ? "You may not resync a record."
          : isOfFeed
            ? "This one is about a feed, not about a record: open it to see the feed."
            : null;
    if (no !== null) showToast({ tone: "attention", text: no });
    else if (meant !== null) {
      sent.current = selection;
      acts.resync(meant);
    }
  }
  useQueueKeys(run, singleKeys);
  const { links } = props;
  // The palette asks when it is opened: what a command does then is what it does now.
  const offered = useRef({ run, links, router, restore: cursor.restore });
  useEffect(() => {
    offered.current = { run, links, router, restore: cursor.restore };
  });
  useEffect(
    () =>
      addToPalette({
        items: () => [
          ...queueKeys
            .filter(({ command }) => command !== "palette")
            .map(({ command, keys, does: label }) => ({
              id: command,
              label,
              key: keys[0],
              pick: () => offered.current.run(command),
            })),
          ...offered.current.links.map(({ label, href }) => ({
            id: href,
            label,
            pick: () => offered.current.router.push(href as Route),
          })),
        ],
        closed: () => setTimeout(() => offered.current.restore()),
      }),
    [],
  );

  const chosen = totalsOf(selection, totals);
  const chosenCount = chosen.reduce((sum, total) => sum + total.count, 0);
  const isOne = aim?.kind === "one";
  return (
    <Choosing
      value={{
        has: (id) => isChosen(selection, id),
        choose,
        stop: selectedId === undefined ? undefined : (cursor.id ?? selectedId),
      }}
    >
      <QueueBar
        selected={chosen}
        isAll={selection.all}
        isWhole={rows.length > 0 && rows.every((row) => isChosen(selection, row.id))}
        shown={rows.length}
        matching={count}
        isAimed={aim !== null}
        may={may}
        pending={acts.pending}
        run={run}
      />
      <div ref={list}>
        <ExceptionsTable
          rows={rows}
          total={count}
          hasMore={hasMore}
          more={more}
          reveal={reveal}
          sort={sort}
          selectedId={selectedId}
          currentId={cursor.id ?? undefined}
          choosable={mayChoose}
          hidden={props.hidden}
        />
      </div>
      {shown === "help" && <HelpSheet singleKeys={singleKeys} onSwitch={setSingleKeys} onClose={close} />}
      {shown !== null && shown !== "help" && aim !== null && (
        <ActDialog
          asking={shown}
          aim={isOne ? nameOf(current) : `${chosenCount.toLocaleString("en")} exceptions`}
          form={{
            exception:
              isOne && current
                ? { ...current, assigneeId: current.assigneeId ?? meIn(props) }
                : { assigneeId: meIn(props), ownerTeam: "", due: null, waitingOn: null, many: true },
            people: props.people,
            teams: props.teams,
            actorId: props.actorId,
            today,
            pending: acts.pending,
            error: errorOf(shown, acts),
          }}
          onAct={(act) => {
            sent.current = selection;
            acts.people.run(aim, act);
          }}
          onText={(text) => {
            sent.current = selection;
            if (aim.kind !== "one") return;
            if (shown === "comment") acts.comment.run(aim.id, text);
            else acts.accept.run(aim, text);
          }}
          onClose={close}
        />
      )}
    </Choosing>
  );
}

type Row = QueueProps["rows"][number];

/** Who works here gives what nobody has to themselves first. */
const meIn = ({ people, actorId }: QueueProps): string | null =>
  people.some(({ id }) => id === actorId) ? actorId : null;

const nameOf = (row: Row | undefined): string =>
  row ? `${row.title}, ${row.order ?? row.document ?? "no order known"}` : "";

const errorOf = (asking: Asking, acts: ReturnType<typeof useActs>): string | null =>
  asking === "comment" ? acts.comment.error : asking === "resolve" ? acts.accept.error : acts.people.error;

/** Why a dialog makes no sense for what is aimed at, in words; null where it does. */
function refusalOf(asking: Asking, aim: Aim | null, may: QueueRights): string | null {
  if (aim === null) return "Select rows first, or move to one with j and k.";
  if (asking === "comment") {
    if (!may.comment) return "You may not comment on exceptions.";
    return aim.kind === "one" ? null : "Comment on one exception at a time: clear the selection first.";
  }
  if (asking !== "resolve") return may.assign ? null : "You may not assign exceptions.";
  if (aim.kind !== "one") return "Accept one exception at a time: clear the selection first.";
  return null;
}
