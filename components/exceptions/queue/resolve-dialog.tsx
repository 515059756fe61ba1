"use client";

import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ExpectedChanges } from "@/components/ui/expected-changes";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { findWays, foresee, startMany } from "@/lib/resolutions/actions";
import type { Foreseen } from "@/lib/resolutions/batches";
import type { ResolutionSelection } from "@/lib/resolutions/schema";
import type { Way, Ways } from "@/lib/resolutions/ways";
import type { QueueRights } from "./queue-bar";
import type { Aim } from "./use-acts";

/** So many can be chosen one by one; more by all that match. */
const MOST_CHOSEN = 500;

const selectionOf = (aim: Aim): ResolutionSelection =>
  aim.kind === "all"
    ? { by: "exceptions-matching", filter: { ...aim.filter } }
    : { by: "exceptions", ids: aim.kind === "one" ? [aim.id] : aim.ids.map(({ id }) => id) };

const counted = (count: number) => count.toLocaleString("en");

/**
 * Every way to put the aimed exceptions right. Of one it leads to where exactly what would be sent is shown; of several it begins
 * them together and leads to their progress.
 */
export function ResolveDialog({
  entityId,
  aim,
  aimText,
  mayAccept,
  may,
  onAccept,
  onResync,
  onOpen,
  onShow,
  onClose,
}: Readonly<{
  entityId: string;
  aim: Aim;
  aimText: string;
  /** the one that is aimed at can be accepted, by this person */
  mayAccept: boolean;
  may: QueueRights;
  onAccept: () => void;
  onResync: () => void;
  onOpen: (href: string) => void;
  /** opens the one record at what would be sent */
  onShow: () => void;
  onClose: () => void;
}>) {
  const router = useRouter();
  const isTooMany = aim.kind === "chosen" && aim.ids.length > MOST_CHOSEN;
  const [found, setFound] = useState<Ways | null>(null);
  const find = useCommand(findWays, { onDone: setFound });
  const begin = useCommand(startMany, {
    done: ({ count, state }) =>
      state === "asked"
        ? `Asked for ${counted(count)}. Somebody else decides.`
        : `${counted(count)} are sent, one after the other.`,
    onDone: ({ batchId }) => router.push(`/exceptions/resolutions/${batchId}` as Route),
  });
  // What stands beside the books is told of before it is sent: begun is what was shown.
  const [foretold, setForetold] = useState<Readonly<{ code: string; view: Foreseen }> | null>(null);
  const asked = useRef("");
  const look = useCommand(foresee, { onDone: (view) => setForetold({ code: asked.current, view }) });
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current || isTooMany) return;
    isAsked.current = true;
    find.run({ entityId, selection: selectionOf(aim) });
  }, [find, entityId, aim, isTooMany]);

  // What can be chosen comes after the dialog has opened.
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (found) form.current?.querySelector<HTMLElement>("input")?.focus();
  }, [found]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get("way");
    if (code === "accept") return onAccept();
    const way = found?.ways.find((one) => one.code === code);
    if (!way) return;
    if (way.code === "resync") return onResync();
    if (way.kind === "kept") return way.href === null ? undefined : onOpen(way.href);
    if (aim.kind === "one") return onShow();
    const input = { entityId, code: way.code, selection: selectionOf(aim) };
    if (way.foretold && foretold?.code !== way.code) {
      asked.current = way.code;
      return look.run(input);
    }
    begin.run(input);
  };
  const isOne = aim.kind === "one";
  // What accepting comes to for this cause is said of accepting itself, which is done here.
  const accepting = isOne ? found?.ways.find((way) => way.href?.endsWith("#accepting")) : undefined;
  const offered = (found?.ways ?? []).filter((way) =>
    way === accepting
      ? false
      : way.code === "resync"
        ? may.resync
        : way.kind === "kept"
          ? isOne
          : may.resolve,
  );
  const elsewhere = isOne
    ? []
    : (found?.ways ?? []).filter((way) => way.kind === "kept" && way.code !== "resync");
  return (
    <Dialog title={`Resolve: ${aimText}`} onClose={onClose}>
      <form
        ref={form}
        onSubmit={submit}
        onChange={() => setForetold(null)}
        aria-label="Resolve"
        className="flex flex-col gap-4"
      >
        {isTooMany && (
          <Message tone="attention">
            At most {MOST_CHOSEN} can be chosen one by one. Set the filters so that they are all that match,
            and select all that match.
          </Message>
        )}
        {!found && !isTooMany && !find.error && (
          <p role="status" className="text-soft">
            Looking for what resolves them…
          </p>
        )}
        {find.error && (
          <Message tone="broken" live>
            {find.error}
          </Message>
        )}
        {found?.isMore && may.resolve && (
          <Message tone="attention">
            These are {counted(found.open)}. At most {counted(found.most)} are sent at once: narrow the filter
            first.
          </Message>
        )}
        {(found || mayAccept) && (
          <fieldset className="flex flex-col gap-1">
            <legend className="sr-only">How</legend>
            {offered.map((way, at) => (
              <Choice key={way.code} code={way.code} title={way.title} isFirst={at === 0}>
                {!isOne && found && (
                  <span className="font-medium text-ink">
                    {counted(way.count)} of {counted(found.open)} to act on.{" "}
                  </span>
                )}
                {way.meaning}
                {way.alwaysSecond && " A second person approves it."}
              </Choice>
            ))}
            {mayAccept && (
              <Choice
                code="accept"
                title={
                  accepting === undefined
                    ? "Accept as it is"
                    : accepting.code === "write-off"
                      ? "Accept as it is, and write it off"
                      : accepting.title
                }
                isFirst={offered.length === 0}
              >
                {accepting?.meaning ??
                  "Keeps it as it stands, with your reason; above the limit, or where you worked on it, a second person is asked."}
                {accepting?.code !== "accept-timing" && " It opens again when its figures change."}
              </Choice>
            )}
          </fieldset>
        )}
        {found && offered.length === 0 && !mayAccept && (
          <p>
            {found.open === 0
              ? "Nobody has to act on these any more."
              : "There is nothing here that you may do about these."}
          </p>
        )}
        {elsewhere.length > 0 && <Elsewhere ways={elsewhere} />}
        {!isOne && found && (
          <p className="text-sm text-soft">
            Each is planned by itself, read again before anything is sent, and closed only when it was read
            back. What has no plan is left out and says why. It can be stopped. To accept many of a kind, ask
            for{" "}
            <Link
              href={"/settings/acceptance-rules" as Route}
              className="underline decoration-line-strong underline-offset-4"
            >
              a rule
            </Link>
            .
          </p>
        )}
        {foretold && <Foretold foreseen={foretold.view} />}
        {(begin.error ?? look.error) && (
          <Message tone="broken" live>
            {begin.error ?? look.error}
          </Message>
        )}
        <div className="flex gap-2">
          {(offered.length > 0 || mayAccept) && (
            <Button type="submit" variant="primary" pending={begin.pending || look.pending}>
              {begin.pending || look.pending
                ? "Planning each of them…"
                : isOne
                  ? "Go on"
                  : foretold
                    ? "Send them"
                    : "Begin"}
            </Button>
          )}
          <Button variant="quiet" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What sending several is expected to change in the other system and to close; the first of them one by one. */
function Foretold({ foreseen }: Readonly<{ foreseen: Foreseen }>) {
  const { sent, byHand, leftOut, expected, expecting, closing } = foreseen;
  const left = leftOut.reduce((sum, { count }) => sum + count, 0);
  return (
    <section aria-label="What they are expected to change" className="flex flex-col gap-2 text-sm">
      <p role="status">
        {counted(sent)} would be sent{byHand > 0 && `, ${counted(byHand)} are done by hand`}
        {left > 0 && `, ${counted(left)} are left out and say why`}. Expected to close: {counted(closing)}{" "}
        {closing === 1 ? "exception" : "exceptions"}. What is read back decides.
      </p>
      <ul className="flex flex-col gap-1">
        {expected.map((one) => (
          <li key={one.sentence}>
            <details>
              <summary className="cursor-pointer">
                {one.name}: {one.changes[0]?.before} → {one.changes[0]?.after}
              </summary>
              <p className="my-1">{one.sentence}</p>
              <ExpectedChanges
                name={one.name}
                changes={one.changes}
                readAt={<Instant at={new Date(one.readAt)} timeZone={one.timeZone} withZone />}
                closes={one.closes}
                besides={one.besides}
              />
            </details>
          </li>
        ))}
      </ul>
      {expecting > expected.length && (
        <p className="text-soft">And {counted(expecting - expected.length)} more in the same way.</p>
      )}
    </section>
  );
}

function Choice({
  code,
  title,
  isFirst,
  children,
}: Readonly<{ code: string; title: string; isFirst: boolean; children: React.ReactNode }>) {
  return (
    <label className="flex items-start gap-2.5 rounded-md p-2 hover:bg-hover has-checked:bg-selected">
      <input
        type="radio"
        name="way"
        value={code}
        required
        defaultChecked={isFirst}
        className="mt-1 size-4 accent-accent"
      />
      <span>
        <span className="font-medium">{title}</span>
        <span className="block text-sm text-soft">{children}</span>
      </span>
    </label>
  );
}

/** What is done one by one, or elsewhere. */
function Elsewhere({ ways }: Readonly<{ ways: readonly Way[] }>) {
  return (
    <p className="text-sm text-soft">
      One by one, in the record:{" "}
      {ways.map((way) => `${way.title.toLowerCase()} (${counted(way.count)})`).join(", ")}.
    </p>
  );
}
