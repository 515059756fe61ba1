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
import { ageBuckets, exceptionGroups, filterNames, NO_SHOP, stateFilters } from "@/lib/exceptions/schema";

/** The filters of the queue. The address is their state: a filtered list can be sent as a link. */
export function ExceptionFilters({
  query,
  choices,
  children,
}: Readonly<{
  query: ExceptionsView["query"];
  choices: ExceptionsView["choices"];
  /** what else is folded away on a phone */
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
        {
          scroll: false,
        },
      );
    });
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    go({ q: String(new FormData(event.currentTarget).get("q") ?? "").trim() || null });
  };
  // The month has a switcher of its own.
  const names = filterNames.filter((name) => name !== "period");
  const set = names.filter((name) => name !== "q" && params.has(name)).length + (query.group ? 1 : 0);
  const isFiltered = names.some((name) => params.has(name));
  const [isOpen, setIsOpen] = useState(false);
  const fields = useId();
  return (
    <form
      // A new address from elsewhere shows in the field too.
      key={query.q ?? ""}
      onSubmit={search}
      aria-label="Filter exceptions"
      aria-busy={pending || undefined}
      className="flex flex-wrap items-end gap-2 max-md:gap-y-1"
    >
      <TextField
        label="Search"
        name="q"
        type="search"
        defaultValue={query.q ?? ""}
        placeholder="Order, document or words"
        className="w-48 max-md:min-w-0 max-md:flex-1"
      />
      <Button
        type="submit"
        aria-label="Find"
        title="Find"
        icon={<Search aria-hidden size={14} />}
        pending={pending}
        className="px-2 max-md:px-3"
      />
      <Button
        aria-expanded={isOpen}
        aria-controls={fields}
        icon={<SlidersHorizontal aria-hidden size={14} />}
        onClick={() => setIsOpen(!isOpen)}
        className="md:hidden"
      >
        {set === 0 ? "Filters" : `Filters (${set})`}
      </Button>
      {/* On a phone they are folded, so that the first screen shows rows. */}
      <div
        id={fields}
        className={cx("flex flex-wrap items-end gap-2", isOpen ? "max-md:w-full" : "max-md:hidden")}
      >
        <Choice label="Cause" value={query.cause} onChange={(cause) => go({ cause })}>
          {choices.causes.map(({ code, title }) => (
            <option key={code} value={code}>
              {title}
            </option>
          ))}
        </Choice>
        <SelectField
          label="State"
          value={query.state}
          onChange={(event) => go({ state: event.target.value === "open" ? null : event.target.value })}
          className={width}
        >
          {stateFilters.map((state) => (
            <option key={state} value={state}>
              {stateWords[state]}
            </option>
          ))}
        </SelectField>
        <Choice label="Owner" value={query.owner} onChange={(owner) => go({ owner })}>
          {choices.owners.map((owner) => (
            <option key={owner} value={owner}>
              {owner.charAt(0).toUpperCase() + owner.slice(1)}
            </option>
          ))}
        </Choice>
        <Choice label="Assignee" value={query.assignee} onChange={(assignee) => go({ assignee })}>
          <option value="me">Me</option>
          <option value="none">Nobody</option>
        </Choice>
        <Choice label="Shop" value={query.shop} onChange={(shop) => go({ shop })}>
          {choices.shops.map((shop) => (
            <option key={shop} value={shop}>
              {shop}
            </option>
          ))}
          <option value={NO_SHOP}>No shop</option>
        </Choice>
        <Choice label="Age" value={query.age} onChange={(age) => go({ age })}>
          {ageBuckets.map(({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </Choice>
        <SelectField
          label="Group by"
          value={query.group ?? ""}
          onChange={(event) => go({ group: event.target.value || null })}
          className={width}
        >
          <option value="">Nothing</option>
          {exceptionGroups.map((group) => (
            <option key={group} value={group}>
              {groupWords[group]}
            </option>
          ))}
        </SelectField>
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
        <div className="flex flex-wrap items-center gap-2 md:hidden">{children}</div>
      </div>
    </form>
  );
}

const width = "w-[7.5rem] max-md:w-[calc(50%-0.25rem)]";

const stateWords: Readonly<Record<(typeof stateFilters)[number], string>> = {
  open: "To act on",
  new: "New",
  assigned: "Assigned",
  "in-progress": "In progress",
  waiting: "Waiting",
  resolved: "Resolved",
  accepted: "Accepted",
  explained: "Explained",
  all: "All states",
};

const groupWords: Readonly<Record<(typeof exceptionGroups)[number], string>> = {
  cause: "Cause",
  rootCause: "Root cause",
  owner: "Owner",
  shop: "Shop",
  age: "Age",
};

function Choice({
  label,
  value,
  onChange,
  children,
}: Readonly<{
  label: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
  children: React.ReactNode;
}>) {
  return (
    <SelectField
      label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || null)}
      className={width}
    >
      <option value="">All</option>
      {children}
    </SelectField>
  );
}
