"use client";

import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useTransition } from "react";
import { withParams } from "@/components/ui/search-params";
import type { EntityName } from "@/lib/auth/data";
import { switcher } from "./switcher";

/** Whose books are shown. A page and a selected row belong to one entity, so both go. */
export function EntitySwitcher({
  entities,
  current,
}: Readonly<{ entities: readonly EntityName[]; current: string }>) {
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const [pending, startTransition] = useTransition();
  const go = (entity: string) =>
    startTransition(() => {
      const query = withParams(params, { entity, page: null, selected: null, shop: null });
      router.push(`${pathname}${query}` as Route);
    });
  return (
    <select
      aria-label="Entity"
      aria-busy={pending || undefined}
      value={current}
      onChange={(event) => go(event.target.value)}
      className={switcher}
    >
      {entities.map(({ id, name, currency }) => (
        <option key={id} value={id}>
          {name} · {currency}
        </option>
      ))}
    </select>
  );
}
