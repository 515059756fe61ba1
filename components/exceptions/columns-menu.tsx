"use client";

import { Columns3 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useTransition } from "react";
import { Menu } from "@/components/ui/menu";
import { COLUMNS_COOKIE, optionalColumns } from "./columns";

const A_YEAR = 31_536_000;

/** Which columns the queue shows, and (the children) how high its rows are; remembered in this browser. */
export function ColumnsMenu({
  hidden,
  children,
}: Readonly<{ hidden: readonly string[]; children?: ReactNode }>) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const set = (id: string, shown: boolean) => {
    const next = optionalColumns
      .map(([column]) => column)
      .filter((column) => (column === id ? !shown : hidden.includes(column)));
    // biome-ignore lint/suspicious/noDocumentCookie: the page that the server makes has to know it, in every browser
    document.cookie = `${COLUMNS_COOKIE}=${next.join(".")}; path=/; max-age=${A_YEAR}; samesite=lax`;
    startTransition(() => router.refresh());
  };
  return (
    <Menu
      label="Choose"
      button={
        <>
          <Columns3 aria-hidden size={14} /> <span className="@max-[1300px]:sr-only">Columns and rows</span>
        </>
      }
    >
      {children}
      <fieldset aria-busy={pending || undefined} className="flex flex-col">
        <legend className="sr-only">Columns that are shown</legend>
        {optionalColumns.map(([id, label]) => (
          <label key={id} className="flex min-h-8 items-center gap-2 rounded px-2 text-sm hover:bg-hover">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={!hidden.includes(id)}
              onChange={({ target }) => set(id, target.checked)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <p className="max-w-56 px-2 py-1 text-soft text-xs">
        Where there is no room for all, the list says which are left out.
      </p>
    </Menu>
  );
}
