import type { Route } from "next";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { ToneIcon } from "@/components/ui/tone-icon";
import type { FlowView } from "@/lib/sync/loaders";

type Flow = FlowView["flow"];

const whole = (count: number): string => count.toLocaleString("en");

/** How far the orders of the last days have come, and what stands still at each step. */
export function OrderFlowCard({ flow, entityId }: Readonly<{ flow: Flow; entityId: string }>) {
  const live = flow.placed - flow.cancelled;
  const entity = encodeURIComponent(entityId);
  const coming = Math.max(0, flow.shipped - flow.posted - flow.stuckBeforePosting);
  const hours = flow.shippingHours === null ? null : Math.ceil(flow.shippingHours);
  const steps = [
    {
      name: "Placed",
      count: live,
      note: flow.cancelled > 0 ? `and ${whole(flow.cancelled)} cancelled` : null,
    },
    { name: "Confirmed", count: flow.confirmed, note: null },
    {
      name: "Shipped",
      count: flow.shipped,
      note:
        hours === null
          ? "too few orders to say how long it takes"
          : flow.stuckBeforeShipping > 0
            ? `${whole(flow.stuckBeforeShipping)} wait longer than ${hours} h, as 19 of 20 don’t`
            : `none waits longer than ${hours} h, as 19 of 20 don’t`,
      isStuck: flow.stuckBeforeShipping > 0,
    },
    {
      name: "In the ERP",
      count: flow.posted,
      note: [
        flow.stuckBeforePosting > 0 && `${whole(flow.stuckBeforePosting)} should be there and are not`,
        coming > 0 && `${whole(coming)} are on their way, within the time that posting takes`,
      ]
        .filter(Boolean)
        .join("; "),
      isStuck: flow.stuckBeforePosting > 0,
      href: `/exceptions?entity=${entity}&cause=sale-missing-in-erp&sort=age`,
    },
    {
      name: "Agree",
      count: flow.agree,
      note: flow.differing > 0 ? `${whole(flow.differing)} have something to act on` : null,
      isStuck: flow.differing > 0,
      href: `/exceptions?entity=${entity}&sort=age`,
    },
  ];
  return (
    <Card
      title="Order flow"
      description={`Orders placed in the last ${flow.days} days, from SCAYLE into the ERP`}
    >
      {flow.placed === 0 ? (
        <p className="text-sm text-soft">No order was placed in these days.</p>
      ) : (
        <ol aria-label="Order flow" className="flex flex-col gap-2">
          {steps.map((step) => (
            <li
              key={step.name}
              className="grid grid-cols-[6rem_1fr] items-center gap-x-3 text-sm sm:grid-cols-[6rem_14rem_1fr]"
            >
              <span className="font-medium">{step.name}</span>
              <span className="flex items-center gap-2">
                <span aria-hidden className="h-3 flex-1 overflow-hidden rounded bg-sunken">
                  <span
                    className="block h-full rounded bg-(--chart-total)"
                    style={{ width: `${live === 0 ? 0 : Math.round((100 * step.count) / live)}%` }}
                  />
                </span>
                <span className="figures w-14 text-right">{whole(step.count)}</span>
              </span>
              <span className="text-soft max-sm:col-span-2">
                {step.note && step.isStuck && step.href ? (
                  <Link href={step.href as Route} className="text-ink underline underline-offset-2">
                    {step.note}
                  </Link>
                ) : (
                  step.note
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

const CHECKS: Readonly<
  Record<
    FlowView["checks"][number]["key"],
    Readonly<{ done: string; left: (count: number) => string; href: string }>
  >
> = {
  feeds: {
    done: "Every feed is within its promise",
    left: (count) => `${whole(count)} of the feeds are behind or held`,
    href: "/feeds",
  },
  failed: {
    done: "Every record could be read",
    left: (count) => `${whole(count)} records could not be read`,
    href: "/feeds/failed",
  },
  jobs: { done: "No job failed", left: (count) => `${whole(count)} jobs failed for good`, href: "/feeds" },
  webhooks: {
    done: "Every webhook of the last day was understood",
    left: (count) => `${whole(count)} webhooks of the last day failed`,
    href: "/feeds/webhooks",
  },
  overdue: {
    done: "Nothing of operations is overdue",
    left: (count) => `${whole(count)} exceptions of operations are overdue`,
    href: "/exceptions?owner=operations&due=overdue",
  },
  unassigned: {
    done: "What came in before today has somebody",
    left: (count) => `${whole(count)} exceptions of operations have nobody for more than a day`,
    href: "/exceptions?owner=operations&assignee=none",
  },
};

/** What operations checks each day; each ticks itself when the facts are so. */
export function DailyChecksCard({
  checks,
  entityId,
}: Readonly<{ checks: FlowView["checks"]; entityId: string }>) {
  const done = checks.filter((check) => check.count === 0).length;
  return (
    <Card title="Today’s checks" description={`${done} of ${checks.length} are done; each ticks itself`}>
      <ul aria-label="Today’s checks" className="flex flex-col gap-1.5 text-sm">
        {checks.map(({ key, count }) => {
          const { done: isDone, left, href } = CHECKS[key];
          const address = `${href}${href.includes("?") ? "&" : "?"}entity=${encodeURIComponent(entityId)}`;
          return (
            <li key={key} className="flex items-center gap-2">
              <ToneIcon tone={count === 0 ? "agrees" : "attention"} size={16} />
              <span className="sr-only">{count === 0 ? "Done: " : "Open: "}</span>
              {count === 0 ? (
                <span className="text-soft">{isDone}</span>
              ) : (
                <Link href={address as Route} className="underline underline-offset-2">
                  {left(count)}
                </Link>
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
