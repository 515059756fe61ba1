"use client";

import type { Route } from "next";
import { useRouter, useSearchParams } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import { addToPalette, openPalette } from "@/components/ui/palette-store";
import { withParams } from "@/components/ui/search-params";
import { showPart } from "@/components/ui/show-part";
import { showToast } from "@/components/ui/toast-store";
import { aboutOf } from "@/lib/domain/about";
import type { ExceptionsView } from "@/lib/exceptions/loaders";
import { countOf, type ExceptionGroup, MANY, type TotalsSoFar } from "@/lib/exceptions/schema";
import { Choosing, ExceptionsTable } from "../exceptions-table";
import { ActDialog, type Asking } from "./act-dialog";
import { countedText } from "./counted";
import { isGroupPlace, placesOf } from "./group-places";
import { GroupsList } from "./groups-list";
import { HelpSheet } from "./help-sheet";
import { type QueueCommand, queueKeys } from "./keys";
import { QueueBar, type QueueRights, SelectionStatus } from "./queue-bar";
import { ResolveDialog } from "./resolve-dialog";
import { isChosen, NOTHING, toggled, totalsOf, without, withRange, withShown } from "./selection";
import { type Aim, useActs } from "./use-acts";
import { useCursor } from "./use-cursor";
import { useQueueKeys, useSingleKeys } from "./use-keys";
import { useRows } from "./use-rows";
import { useWholeTotals } from "./use-whole-totals";

export type QueueProps = Readonly<{
  entityId: string;
  /** the first page; the others are loaded as one scrolls */
  rows: ExceptionsView["rows"];
  next: string | null;
  totals: TotalsSoFar;
  /** the filter as the address says it (of the group that is expanded, if one is): what "all that match" means */
  filter: Readonly<Record<string, string>>;
  /** null: not grouped */
  grouped: Readonly<{
    by: ExceptionGroup;
    groups: NonNullable<ExceptionsView["groups"]>;
    expanded: string | undefined;
    further: number;
  }> | null;
  sort: string;
  selectedId: string | undefined;
  today: string;
  may: QueueRights;
  people: readonly Readonly<{ id: string; name: string }>[];
  teams: readonly Readonly<{ id: string; name: string }>[];
  /** whom a comment can mention */
  readers: readonly Readonly<{ id: string; name: string }>[];
  actorId: string;
  /** views of the queue, for the palette */
  links: readonly Readonly<{ label: string; href: string }>[];
  hidden: readonly string[];
}>;

/** The list of exceptions as people work it: rows chosen and acted on, by keys or by buttons. */
export function Queue(props: QueueProps) {
  const { entityId, filter, sort, selectedId, today, may, grouped } = props;
  const address = new URLSearchParams({ ...filter, entity: entityId }).toString();
  const { totals, isWhole: isCounted } = useWholeTotals(props.totals, address);
  const count = countOf(totals);
  const router = useRouter();
  const params = useSearchParams();
  const mayChoose = may.assign || may.resync || may.resolve;
  const list = useRef<HTMLDivElement>(null);
  const anchor = useRef<string | null>(null);
  const [selection, setSelection] = useState(NOTHING);
  // What was chosen in another group is not seen any more.
  const [chosenIn, setChosenIn] = useState(address);
  if (chosenIn !== address) {
    setChosenIn(address);
    setSelection(NOTHING);
  }
  // What an act was sent for. Rows that are chosen before its answer is here stay chosen.
  const sent = useRef(NOTHING);
  // What an act was refused for, as somebody else was first: the dialog stays for it, never for what takes its place.
  const [struck, setStruck] = useState<string | null>(null);
  const [shown, setShown] = useState<Asking | "help" | "resolve" | null>(null);
  // The record whose resolution is to be shown as soon as it is beside the list.
  const showing = useRef<string | null>(null);
  const [singleKeys, setSingleKeys] = useSingleKeys();
  const reach = useRef(0);
  const { rows, hasMore, more, expire } = useRows(
    props.rows,
    props.next,
    new URLSearchParams({ ...filter, sort, entity: entityId }).toString(),
    reach,
  );
  const groups = grouped?.groups ?? null;
  const expanded = grouped?.expanded;
  const ids = useMemo(
    () =>
      placesOf(
        groups,
        expanded,
        rows.map((row) => row.id),
      ),
    [groups, expanded, rows],
  );
  const byId = useMemo(() => new Map(rows.map((row) => [row.id, row])), [rows]);
  const reveal = useRef<((id: string) => void) | null>(null);
  const cursor = useCursor(list, ids, selectedId, reveal);
  const place = useMemo(() => rows.findIndex((row) => row.id === cursor.id), [rows, cursor.id]);
  useEffect(() => {
    reach.current = place + 1;
  }, [place]);
  const acts = useActs(
    entityId,
    (from) => {
      setShown(null);
      setSelection((now) => without(now, sent.current));
      expire();
      // Back to the row at once: an act may leave the list as it is.
      if (shown !== null || (from !== null && from === document.activeElement)) setTimeout(cursor.restore);
      cursor.restoreWhenChanged(from);
    },
    () => {
      setStruck(keyOf(aim));
      expire();
    },
  );
  const current = cursor.id === null ? undefined : byId.get(cursor.id);
  const rowNow = () => byId.get(cursor.now() ?? "");
  const aim = aimOf(current);

  /** What commands mean: the selection, else the row that had the focus last. */
  function aimOf(at: Row | undefined): Aim | null {
    if (selection.all) return { kind: "all", filter };
    if (selection.rows.size === 0) return at ? { kind: "one", ...at } : null;
    const [only] = selection.rows.size === 1 ? selection.rows.keys() : [];
    const single = only === undefined ? undefined : byId.get(only);
    if (single) return { kind: "one", ...single };
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
    else if (isGroupPlace(cursor.now()))
      showToast({
        tone: "neutral",
        text: "Open the group first: its rows can be selected, and all of them with A.",
      });
  };
  const go = (changes: Record<string, string | null>) =>
    router.replace(`/exceptions${withParams(params, changes)}` as Route, { scroll: false });
  const step = (by: 1 | -1) => {
    // What follows the last row that is loaded is the next one of the same group, not the next group.
    if (by === 1 && hasMore && rows.at(-1)?.id === cursor.now()) {
      more();
      showToast({ tone: "neutral", text: "Further rows are being loaded." });
      return;
    }
    const at = cursor.move(by);
    // The panel follows, so that the list is read through in it.
    if (at !== null && selectedId !== undefined && !isGroupPlace(at)) go({ selected: at });
    if (at !== null || ids.length === 0) return;
    const what = groups === null ? "row" : "place";
    showToast({
      tone: "neutral",
      text: by === 1 ? `That was the last ${what}.` : `That was the first ${what}.`,
    });
  };
  const ask = (asking: Asking | "resolve") => {
    const row = rowNow();
    const no = refusalOf(asking, aimOf(row), may);
    setStruck(null);
    if (no === null) setShown(asking);
    else showToast({ tone: "attention", text: no });
  };
  const close = () => {
    setShown(null);
    // Once the dialog is gone, and has not given the focus to nothing.
    setTimeout(cursor.restore);
  };
  useEffect(() => {
    if (struck === null || keyOf(aim) === struck) return;
    setStruck(null);
    if (shown !== null) close();
  });
  const does: Readonly<Record<QueueCommand | "select-all" | "clear-all", () => void>> = {
    next: () => step(1),
    previous: () => step(-1),
    select: () => chooseNow(false),
    "select-range": () => chooseNow(true),
    "select-shown": () =>
      mayChoose && setSelection((now) => withShown(now, rows, isCounted ? count : Math.max(count, MANY + 1))),
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
  function showWanted(): void {
    if (showing.current === null || showing.current !== selectedId) return;
    showing.current = null;
    showPart("resolution");
  }
  useEffect(showWanted, [selectedId]);
  const run = (command: keyof typeof does) => does[command]();
  function readAgain(): void {
    if (acts.pending) return;
    const row = rowNow();
    const meant = aimOf(row);
    const isOfFeed = meant?.kind === "one" && byId.get(meant.id)?.cause === "feed-behind";
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
  const matching = isCounted ? count : null;
  const chosenCount = selection.all ? matching : countOf(chosen);
  const isOne = aim?.kind === "one";
  const meant = isOne ? byId.get(aim.id) : undefined;
  const isWhole = rows.length > 0 && rows.every((row) => isChosen(selection, row.id));
  const aimText = isOne ? nameOf(meant) : chosenCount === null ? "all that match" : countedText(chosenCount);
  const table = (
    <ExceptionsTable
      rows={rows}
      total={count}
      totalText={isCounted ? count.toLocaleString("en") : `more than ${MANY.toLocaleString("en")}`}
      hasMore={hasMore}
      more={more}
      reveal={reveal}
      sort={sort}
      selectedId={selectedId}
      currentId={cursor.id ?? undefined}
      choosable={mayChoose}
      hidden={props.hidden}
      isMine={filter["assignee"] === "me"}
      foot={
        <SelectionStatus
          selected={chosen}
          isAll={selection.all}
          isWhole={isWhole}
          shown={rows.length}
          matching={matching}
          mayChoose={mayChoose}
          run={run}
        />
      }
    />
  );
  return (
    <Choosing
      value={{
        has: (id) => isChosen(selection, id),
        choose,
        stop: selectedId === undefined ? undefined : (cursor.id ?? selectedId),
      }}
    >
      <QueueBar
        count={chosenCount}
        isAll={selection.all}
        isWhole={isWhole}
        shown={rows.length}
        isAimed={aim !== null}
        may={may}
        pending={acts.pending}
        run={run}
      />
      <div ref={list}>
        {grouped ? (
          <GroupsList
            group={grouped.by}
            groups={grouped.groups}
            expanded={expanded}
            further={grouped.further}
            currentId={cursor.id ?? undefined}
          >
            {table}
          </GroupsList>
        ) : (
          table
        )}
      </div>
      {shown === "help" && <HelpSheet singleKeys={singleKeys} onSwitch={setSingleKeys} onClose={close} />}
      {shown === "resolve" && aim !== null && (
        <ResolveDialog
          entityId={entityId}
          aim={aim}
          aimText={aimText}
          mayAccept={isOne && may.accept && (meant?.acceptable ?? false)}
          may={may}
          onAccept={() => setShown("accept")}
          onResync={() => {
            close();
            readAgain();
          }}
          onOpen={(href) => router.push(href as Route)}
          onShow={() => {
            if (aim.kind !== "one") return;
            setShown(null);
            showing.current = aim.id;
            const to = `/exceptions${withParams(params, { selected: aim.id })}#resolution` as Route;
            // The list stays where it is: only the panel moves, once it is there.
            router.push(to, { scroll: false });
            if (aim.id === selectedId) setTimeout(showWanted);
          }}
          onClose={close}
        />
      )}
      {shown !== null && shown !== "help" && shown !== "resolve" && aim !== null && (
        <ActDialog
          asking={shown}
          aim={aimText}
          form={{
            exception: meant
              ? { ...meant, assigneeId: meant.assigneeId ?? meIn(props) }
              : { assigneeId: meIn(props), ownerTeam: "", due: null, waitingOn: null, many: true },
            people: props.people,
            teams: props.teams,
            actorId: props.actorId,
            today,
            pending: acts.pending,
            error: errorOf(shown, acts),
          }}
          readers={props.readers}
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

const keyOf = (aim: Aim | null): string => (aim?.kind === "one" ? aim.id : (aim?.kind ?? "nothing"));

/** Who works here gives what nobody has to themselves first. */
const meIn = ({ people, actorId }: QueueProps): string | null =>
  people.some(({ id }) => id === actorId) ? actorId : null;

const nameOf = (row: Row | undefined): string =>
  row ? `${row.title}, ${aboutOf(row) ?? "no order known"}` : "";

const errorOf = (asking: Asking, acts: ReturnType<typeof useActs>): string | null =>
  asking === "comment" ? acts.comment.error : asking === "accept" ? acts.accept.error : acts.people.error;

/** Why a dialog makes no sense for what is aimed at, in words; null where it does. */
function refusalOf(asking: Asking | "resolve", aim: Aim | null, may: QueueRights): string | null {
  if (aim === null) return "Select rows first, or move to one with j and k.";
  if (asking === "comment") {
    if (!may.comment) return "You may not comment on exceptions.";
    return aim.kind === "one" ? null : "Comment on one exception at a time: clear the selection first.";
  }
  if (asking === "resolve")
    return may.resolve || may.accept || may.resync ? null : "You may not resolve exceptions.";
  return may.assign ? null : "You may not assign exceptions.";
}
