"use client";

import { Search, SlidersHorizontal, X } from "lucide-react";
import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, type ReactNode, useId, useState, useTransition } from "react";
import { Button } from "@/components/ui/button";
import { cx } from "@/components/ui/class-names";
import { SelectField, TextField } from "@/components/ui/field";
import { withParams } from "@/components/ui/search-params";
import type { ExceptionsView } from "@/lib/exceptions/loaders";
import {
  ageBuckets,
  dueFilters,
  exceptionGroups,
  filterNames,
  NO_CHANNEL,
  NO_SHOP,
  stateFilterNames,
  stateFilters,
} from "@/lib/exceptions/schema";

/** Filters that stand in the first line where there is room; the others are behind a button. */
const FIRST = ["cause", "state", "owner"] as const;

/** The filters of the queue. The address is their state: a filtered list can be sent as a link. */
export function ExceptionFilters({
  query,
  choices,
  currency,
  children,
}: Readonly<{
  query: ExceptionsView["query"];
  choices: ExceptionsView["choices"];
  /** the entity's own: what amounts are in where no other is chosen */
  currency: string;
  /** what else stands in the line, and is folded away with the filters on a phone */
  children?: ReactNode;
}>) {
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const [pending, startTransition] = useTransition();
  const go = (changes: Record<string, string | null>) =>
    startTransition(() => {
      router.push(
        `${pathname}${withParams(params, { ...changes, selected: null, expanded: null })}` as Route,
        { scroll: false },
      );
    });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => {
      const value = given.get(name);
      return typeof value === "string" ? value.trim() || null : null;
    };
    const amount = (name: string) => text(name)?.replace(/[,\s]/g, "") ?? null;
    go({
      q: text("q"),
      // What is not shown is not said anew.
      ...(isOpen && {
        amountFrom: amount("amountFrom"),
        amountTo: amount("amountTo"),
        dueFrom: text("dueFrom"),
        dueTo: text("dueTo"),
      }),
    });
  };
  // The month has a switcher of its own.
  const names = filterNames.filter((name) => name !== "period");
  const isSet = (name: string) => params.has(name);
  const set = names.filter((name) => name !== "q" && isSet(name)).length + (query.group ? 1 : 0);
  const folded = names.filter(
    (name) => name !== "q" && !FIRST.some((first) => first === name) && isSet(name),
  ).length;
  const isFiltered = names.some(isSet);
  const [isOpen, setIsOpen] = useState(false);
  const [wasSent, setWasSent] = useState(false);
  const wrong = wasSent ? wrongOf(params, query) : {};
  const fields = useId();
  // On a phone all of them are folded, so that the first screen shows rows; beside a record, too.
  const first = cx("w-32 @min-[1300px]:w-36", isOpen ? "max-md:w-[calc(50%-0.25rem)]" : "@max-4xl:hidden");
  const more = cx("order-1 w-40 max-md:w-[calc(50%-0.25rem)]", !isOpen && "hidden");
  return (
    <div className="@container">
      <div className="flex flex-wrap items-end gap-2 max-md:gap-y-1">
        <form
          // A new address from elsewhere shows in the fields too.
          key={[query.q, query.amountFrom, query.amountTo, query.dueFrom, query.dueTo].join(" ")}
          id={fields}
          onSubmit={(event) => {
            setWasSent(true);
            submit(event);
          }}
          aria-label="Filter exceptions"
          aria-busy={pending || undefined}
          className="contents"
        >
          <TextField
            label="Search"
            hideLabel
            name="q"
            type="search"
            defaultValue={query.q ?? ""}
            placeholder="Order, document, item, channel, words"
            title="Finds every word anywhere in: the order’s reference and id, numbers of its documents, SKUs and names of its items, shop, channel, and the explanation"
            className="w-56 max-md:min-w-0 max-md:flex-1 @min-[1300px]:w-72"
          />
          <Button
            type="submit"
            aria-label="Find"
            title="Find"
            icon={<Search aria-hidden size={14} />}
            pending={pending}
            className="px-2 max-md:px-3"
          />
          <Choice
            label="Cause"
            compact
            value={query.cause}
            onChange={(cause) => go({ cause })}
            className={first}
          >
            {choices.causes.map(({ code, title }) => (
              <option key={code} value={code}>
                {title}
              </option>
            ))}
          </Choice>
          <SelectField
            label="State"
            hideLabel
            value={query.state}
            onChange={(event) => go({ state: event.target.value === "act" ? null : event.target.value })}
            className={first}
          >
            {stateFilters.map((state) => (
              <option key={state} value={state}>
                {stateFilterNames[state]}
              </option>
            ))}
          </SelectField>
          <Choice
            label="Owner"
            compact
            value={query.owner}
            onChange={(owner) => go({ owner })}
            className={first}
          >
            {choices.owners.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Choice>
          <SelectField
            label="Group by"
            hideLabel
            value={query.group ?? ""}
            onChange={(event) => go({ group: event.target.value || null })}
            className={first}
          >
            <option value="">Not grouped</option>
            {exceptionGroups.map((group) => (
              <option key={group} value={group}>
                By {groupWords[group]}
              </option>
            ))}
          </SelectField>
          <Button
            aria-expanded={isOpen}
            aria-controls={fields}
            icon={<SlidersHorizontal aria-hidden size={14} />}
            onClick={() => setIsOpen(!isOpen)}
            className="md:hidden"
          >
            {set === 0 ? "Filters" : `Filters (${set})`}
          </Button>
          <Button
            aria-expanded={isOpen}
            aria-controls={fields}
            icon={<SlidersHorizontal aria-hidden size={14} />}
            onClick={() => setIsOpen(!isOpen)}
            className="max-md:hidden"
          >
            {isOpen ? "Fewer filters" : folded === 0 ? "More filters" : `More filters (${folded})`}
          </Button>
          {isFiltered && (
            <Button
              variant="quiet"
              aria-label="Clear filters"
              title="Clear filters"
              icon={<X aria-hidden size={14} />}
              className="px-2"
              onClick={() => go(Object.fromEntries(names.map((name) => [name, null])))}
            />
          )}
          {isOpen && <span aria-hidden className="order-1 w-full max-md:hidden" />}
          <Choice
            label="Assignee"
            value={query.assignee}
            onChange={(assignee) => go({ assignee })}
            className={more}
          >
            <option value="me">Me</option>
            <option value="none">Nobody</option>
          </Choice>
          <Choice label="Shop" value={query.shop} onChange={(shop) => go({ shop })} className={more}>
            {choices.shops.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            <option value={NO_SHOP}>No shop</option>
          </Choice>
          <Choice
            label="Channel"
            value={query.channel}
            onChange={(channel) => go({ channel })}
            className={more}
          >
            {choices.channels.map((channel) => (
              <option key={channel} value={channel}>
                {channel}
              </option>
            ))}
            <option value={NO_CHANNEL}>No channel</option>
          </Choice>
          <Choice
            label="Root cause"
            value={query.rootCause}
            onChange={(rootCause) => go({ rootCause })}
            className={more}
          >
            {choices.rootCauses.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Choice>
          <Choice label="Age" value={query.age} onChange={(age) => go({ age })} className={more}>
            {ageBuckets.map(({ key, label }) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </Choice>
          <Choice
            label="Currency"
            value={query.currency}
            onChange={(value) => go({ currency: value })}
            className={more}
          >
            {choices.currencies.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </Choice>
          <TextField
            label={`Amount from, ${query.currency ?? currency}`}
            name="amountFrom"
            inputMode="decimal"
            defaultValue={query.amountFrom ?? ""}
            error={wrong["amountFrom"]}
            title="How much money it is about, without the sign: the absolute figure of the totals"
            className={more}
          />
          <TextField
            label={`Amount to, ${query.currency ?? currency}`}
            name="amountTo"
            inputMode="decimal"
            defaultValue={query.amountTo ?? ""}
            error={wrong["amountTo"]}
            className={more}
          />
          <Choice label="Due" value={query.due} onChange={(due) => go({ due })} className={more}>
            {dueFilters.map((due) => (
              <option key={due} value={due}>
                {dueWords[due]}
              </option>
            ))}
          </Choice>
          <TextField
            label="Due from"
            name="dueFrom"
            type="date"
            defaultValue={query.dueFrom ?? ""}
            className={more}
          />
          <TextField
            label="Due to"
            name="dueTo"
            type="date"
            defaultValue={query.dueTo ?? ""}
            className={more}
          />
          {isOpen && (
            <Button type="submit" pending={pending} className="order-1">
              Apply amounts and days
            </Button>
          )}
        </form>
        {/* Beside the form and not in it: there are forms in it. */}
        <div className={cx("flex items-center gap-1 md:ml-auto", !isOpen && "max-md:hidden")}>{children}</div>
      </div>
    </div>
  );
}

/** What was typed and could not be understood: the list is shown without it. */
function wrongOf(params: URLSearchParams, query: ExceptionsView["query"]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (["amountFrom", "amountTo"] as const).flatMap((name) =>
      params.get(name) && query[name] === undefined ? [[name, "Write an amount like 250.00."]] : [],
    ),
  );
}

const dueWords: Readonly<Record<(typeof dueFilters)[number], string>> = {
  overdue: "Overdue",
  today: "Today",
  week: "This week (Mon–Sun)",
  escalated: "Escalated",
};

const groupWords: Readonly<Record<(typeof exceptionGroups)[number], string>> = {
  cause: "cause",
  rootCause: "root cause",
  owner: "owner",
  shop: "shop",
  age: "age",
};

function Choice({
  label,
  value,
  onChange,
  compact = false,
  className,
  children,
}: Readonly<{
  label: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
  /** its label is said by what stands for all of them */
  compact?: boolean;
  className: string;
  children: ReactNode;
}>) {
  return (
    <SelectField
      label={label}
      hideLabel={compact}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || null)}
      className={className}
    >
      <option value="">{compact ? `${label}: all` : "All"}</option>
      {children}
    </SelectField>
  );
}
