"use client";

import { Search } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useState, useTransition } from "react";
import { Button } from "@/components/ui/button";
import { cx } from "@/components/ui/class-names";

const PAUSE_MILLISECONDS = 200;

/**
 * One big field for everything an order goes by. Finds as one types; a plain form besides, which works before any script
 * has loaded, and whose Enter leads straight to what is found alone. `children` are what was found for `text`: they are
 * dimmed as long as the field says something else.
 */
export function OrderSearch({
  text,
  focus,
  children,
}: Readonly<{ text: string; focus: boolean; children: ReactNode }>) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const [isTyping, setIsTyping] = useState(false);
  const isOld = isTyping || pending;
  const look = (typed: string) => {
    clearTimeout(timer.current);
    setIsTyping(true);
    timer.current = setTimeout(() => {
      setIsTyping(false);
      const asked = typed.trim();
      const address = asked === "" ? "/orders" : `/orders?q=${encodeURIComponent(asked)}`;
      startTransition(() => router.replace(address as Route, { scroll: false }));
    }, PAUSE_MILLISECONDS);
  };
  return (
    <>
      <search>
        <form
          action="/orders"
          method="get"
          onSubmit={() => {
            clearTimeout(timer.current);
            setIsTyping(false);
          }}
          className="flex max-w-3xl flex-col gap-1.5"
        >
          <label htmlFor="order-search" className="font-medium text-sm">
            Find an order
          </label>
          <div className="flex gap-2">
            <input type="hidden" name="open" value="only" />
            <input
              id="order-search"
              name="q"
              type="search"
              defaultValue={text}
              // biome-ignore lint/a11y/noAutofocus: the page is nothing but this field; people come here to type
              autoFocus={focus}
              autoComplete="off"
              placeholder="Number, name, e-mail or phone"
              aria-describedby="order-search-hint"
              aria-busy={pending || undefined}
              onChange={(event) => look(event.target.value)}
              className="fade h-11 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-3 text-ink text-lg placeholder:text-soft max-md:text-[16px]"
            />
            <Button
              type="submit"
              variant="primary"
              pending={pending}
              icon={<Search aria-hidden size={16} />}
              className="h-11 max-md:h-11"
            >
              Search
            </Button>
          </div>
          <p id="order-search-hint" className="text-soft text-xs">
            Order number or reference, ERP document, invoice or credit note, tracking number, or the
            customer’s name, e-mail address or telephone number. Prefixes can be left out; one slip in a
            number or an address is forgiven, and names may be spelled alike. SCAYLE’s invoice numbers are
            known only of orders of which something was returned or credited.
          </p>
        </form>
      </search>
      <div aria-live="polite" aria-busy={isOld || undefined} className={cx("fade", isOld && "opacity-40")}>
        {children}
      </div>
    </>
  );
}
