import { amountText } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { cx } from "@/components/ui/class-names";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import type { Tone } from "@/components/ui/tone";
import type { OpenWork } from "@/lib/close/open-work";
import type { Totals } from "@/lib/close/schema";
import type { SigningView } from "@/lib/close/signing-view";
import type { SignOff } from "@/lib/close/state";
import { monthName } from "@/lib/domain/day";
import { formatAmount, formatPlain } from "@/lib/domain/money";
import { LockButton } from "./lock-button";
import { RelockedList } from "./relocked-list";
import { ClosePolicyForm, SoftCloseButton, WithdrawButton } from "./sign-acts";
import { SignForm } from "./sign-form";

/** Who signs the month, who signed it, and its closing: preparer, reviewers, lock. */
export function SignOffCard({
  view,
  work,
  timeZone,
}: Readonly<{ view: SigningView; work: OpenWork; timeZone: string }>) {
  const { entityId, month, period, policy, standing, signOffs, may } = view;
  const steps = policy.reviewers + 1;
  const isWhole = standing.length === steps;
  const shown = Array.from({ length: steps }, (_, step) => standing[step] ?? suspendedAt(view, step));
  const former = signOffs.filter((one) => !shown.includes(one));
  const isOpen = period.state === "open";
  return (
    <Card
      id="sign-off"
      title="Sign-off"
      description={`One preparer, ${policy.reviewers === 1 ? "one reviewer" : `${policy.reviewers} reviewers`}: each another person, and no reviewer who last edited what is signed`}
    >
      <div className="flex flex-col gap-4 text-sm">
        {view.relocked.length > 0 && (
          <Message tone="attention" title="What is locked is not all as it was signed.">
            <RelockedList locks={view.relocked} timeZone={timeZone} />
            The signatures are of the figures before that.
          </Message>
        )}
        <ol aria-label="Signatures" className="grid gap-2 md:grid-cols-[repeat(auto-fit,minmax(16rem,1fr))]">
          {Array.from({ length: steps }, (_, step) => (
            <Step
              // biome-ignore lint/suspicious/noArrayIndexKey: a step is its number
              key={step}
              step={step}
              reviewers={policy.reviewers}
              signed={standing[step] ?? suspendedAt(view, step)}
              timeZone={timeZone}
              own={standing[step]?.signedById === view.me && isOpen ? { entityId, month } : null}
            />
          ))}
        </ol>
        {view.suspended && (
          <p>
            Its figures moved after it was signed:{" "}
            <a
              href={`/close/${month}/why?entity=${encodeURIComponent(entityId)}&since=sign-off`}
              className="underline underline-offset-4"
            >
              what moved them since
            </a>
          </p>
        )}
        {isOpen && (
          <div className="flex flex-wrap items-start gap-3">
            {may.sign.ok ? (
              <SignForm
                entityId={entityId}
                month={month}
                hash={view.hash}
                label={standing.length === 0 ? "Sign as preparer" : "Sign as reviewer"}
                statement={statementOf(view)}
                work={work}
                remainder={
                  view.signable.kind === "remainder" ? (standing.length === 0 ? "ask" : "stated") : null
                }
              />
            ) : (
              !isWhole && <p className="max-w-prose text-soft">{may.sign.why}</p>
            )}
            {isWhole &&
              (may.lock ? (
                <LockButton
                  entityId={entityId}
                  month={month}
                  name={monthName(month)}
                  version={period.version}
                  figures={view.totals.map(figuresText)}
                  work={work}
                />
              ) : (
                <p className="text-soft">Signed whole. A reviewer of finance closes the month.</p>
              ))}
            {may.softClose && (
              <SoftCloseButton entityId={entityId} month={month} on={period.softClosedAt === null} />
            )}
          </div>
        )}
        {former.length > 0 && (
          <details>
            <summary className="w-fit cursor-pointer text-soft">
              {former.length === 1
                ? "1 signature that does not stand any more"
                : `${former.length} signatures that do not stand any more`}
            </summary>
            <div className="pt-2">
              <Former signOffs={former} timeZone={timeZone} currency={policy.currency} />
            </div>
          </details>
        )}
        <details>
          <summary className="cursor-pointer text-soft">
            How months are signed: {policy.reviewers === 1 ? "1 reviewer" : `${policy.reviewers} reviewers`},{" "}
            {""}
            {policy.materiality === 0n
              ? "nothing unexplained may be left, since no materiality is set"
              : `materiality ${formatAmount(policy.materiality, policy.currency)} ${policy.currency}`}
            {policy.setBy ? `, set by ${policy.setBy}` : ""}
          </summary>
          {may.setPolicy ? (
            <ClosePolicyForm
              entityId={entityId}
              reviewers={policy.reviewers}
              materiality={formatPlain(policy.materiality, policy.currency)}
              currency={policy.currency}
            />
          ) : (
            <p className="pt-2 text-soft">An administrator sets this; administrators sign nothing.</p>
          )}
        </details>
      </div>
    </Card>
  );
}

/** "SCAYLE 100.00, ERP 90.00: +10.00 GBP apart, 0.00 of it unexplained" */
function figuresText({ scayle, erp, unexplained, currency }: Totals): string {
  const of = (minor: bigint) => formatAmount(minor, currency);
  const apart = amountText(scayle.gross - erp.gross, currency, true);
  return `SCAYLE ${of(scayle.gross)}, ERP ${of(erp.gross)}: ${apart} ${currency} apart, ${of(unexplained.gross)} of it unexplained`;
}

/** The signature of a step that was suspended and not given again: it keeps its stamp. Null where there is none. */
function suspendedAt({ signOffs, period, standing }: SigningView, step: number): SignOff | null {
  if (period.state === "closed" || standing[step]) return null;
  return (
    [...signOffs]
      .reverse()
      .find(
        (one) =>
          one.round === period.round &&
          one.step === step &&
          one.suspendedAt !== null &&
          one.withdrawnAt === null,
      ) ?? null
  );
}

const nameOf = (step: number, reviewers: number): string =>
  step === 0 ? "Preparer" : reviewers === 1 ? "Reviewer" : `Reviewer ${step}`;

function Step({
  step,
  reviewers,
  signed,
  timeZone,
  own,
}: Readonly<{
  step: number;
  reviewers: number;
  signed: SignOff | null;
  timeZone: string;
  own: Readonly<{ entityId: string; month: string }> | null;
}>) {
  const suspended = signed?.suspendedAt ?? null;
  return (
    <li
      className={cx(
        "flex flex-col gap-1 rounded-md border p-3",
        suspended ? "border-attention bg-attention-soft" : "border-line",
      )}
    >
      <span className="flex items-center justify-between gap-2">
        <span className="font-medium">{nameOf(step, reviewers)}</span>
        <Badge tone={suspended ? "attention" : signed ? "agrees" : "neutral"}>
          {suspended ? "Suspended" : signed ? "Signed" : "Not signed"}
        </Badge>
      </span>
      {signed && (
        <>
          <span>
            {signed.signedBy}, <Instant at={signed.signedAt} timeZone={timeZone} />
          </span>
          <span className="text-soft">“{signed.statement}”</span>
          {signed.remainderWhy && <span className="text-soft">Remainder: {signed.remainderWhy}</span>}
          <span className="break-all font-mono text-soft text-xs">figures {signed.hash.slice(0, 16)}…</span>
          {suspended && (
            <span>
              Suspended <Instant at={suspended} timeZone={timeZone} />: its figures moved. It has to be given
              again.
            </span>
          )}
          {own && <WithdrawButton {...own} id={signed.id} />}
        </>
      )}
    </li>
  );
}

/** Signatures that don't stand any more, with their stamps and why. */
function Former({
  signOffs,
  timeZone,
  currency,
}: Readonly<{ signOffs: readonly SignOff[]; timeZone: string; currency: string }>) {
  const newest = [...signOffs].reverse();
  return (
    <ul aria-label="Signatures that do not stand any more" className="flex flex-col gap-1">
      {newest.map((one) => {
        const [tone, word] = endOf(one);
        return (
          <li key={one.id} className="flex flex-wrap items-baseline gap-x-2">
            <Badge tone={tone}>{word}</Badge>
            <span>
              {one.step === 0 ? "prepared" : "reviewed"} by {one.signedBy},{" "}
              <Instant at={one.signedAt} timeZone={timeZone} />
              {one.remainder !== null && `, but for ${formatAmount(one.remainder, currency)} ${currency}`}
            </span>
            {one.suspendedAt && (
              <span className="text-soft">
                suspended <Instant at={one.suspendedAt} timeZone={timeZone} />: its figures moved
              </span>
            )}
            <span className="basis-full text-soft">
              “{one.statement}”{" "}
              <span className="break-all font-mono text-xs">figures {one.hash.slice(0, 16)}…</span>
            </span>
            {one.withdrawnAt && (
              <span className="text-soft">
                taken back <Instant at={one.withdrawnAt} timeZone={timeZone} />: {one.withdrawnWhy}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function endOf(one: SignOff): readonly [Tone, string] {
  if (one.withdrawnAt) return ["neutral", "Taken back"];
  return one.suspendedAt ? ["attention", "Suspended"] : ["neutral", "Of an earlier round"];
}

function statementOf({ standing, entityId, month, signable, policy }: SigningView): string {
  const did = standing.length === 0 ? "prepared" : "reviewed";
  const state =
    signable.kind === "remainder"
      ? `they tie out but for ${formatAmount(signable.minor, policy.currency)} ${policy.currency} that are unexplained and below materiality`
      : "they tie out";
  return `I ${did} the figures of ${entityId} for ${monthName(month)}, and ${state}.`;
}
