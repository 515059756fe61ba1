"use client";

import { BookOpen, CircleUser, LogOut } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { signOut } from "next-auth/react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Menu } from "@/components/ui/menu";
import { type Place, places } from "./navigation";
import { Preference } from "./preference";

/** Who is signed in, how the pages look to them, and the way out. */
export function UserMenu({
  name,
  email,
  role,
  demo,
  side,
  compact = false,
  further = [],
}: Readonly<{
  name: string;
  email: string;
  role: string;
  demo: boolean;
  side: "top" | "bottom";
  compact?: boolean;
  /** Places that the bottom bar has no room for. */
  further?: readonly Place["key"][];
}>) {
  const [leaving, setLeaving] = useState(false);
  const leave = async () => {
    setLeaving(true);
    await signOut({ redirect: false });
    // A full load: nothing of the last person's pages stays in the browser's memory.
    window.location.assign("/sign-in");
  };
  return (
    <Menu
      label={compact ? `Account of ${name}` : "Account of"}
      side={side}
      align={side === "top" ? "start" : "end"}
      button={
        <>
          <CircleUser aria-hidden size={20} className="shrink-0 text-soft" />
          {!compact && (
            <span className="min-w-0">
              <span className="block truncate font-medium">{name}</span>
              <span className="block truncate text-soft text-xs">{role}</span>
            </span>
          )}
        </>
      }
    >
      <div className="border-line border-b px-2 pt-1 pb-2 text-sm">
        <p className="font-medium">{name}</p>
        <p className="text-soft text-xs">{email}</p>
        <p className="text-soft text-xs">{demo ? `${role} (demo user)` : role}</p>
      </div>
      {places
        .filter(({ key }) => further.includes(key))
        .map(({ key, label, icon: Icon }) => (
          <Link
            key={key}
            href={`/${key}` as Route}
            className="fade flex h-10 items-center gap-2 rounded-md px-2 font-medium text-sm hover:bg-hover"
          >
            <Icon aria-hidden size={16} />
            {label}
          </Link>
        ))}
      <Link
        href={"/manual" as Route}
        className="fade flex h-10 items-center gap-2 rounded-md px-2 font-medium text-sm hover:bg-hover"
      >
        <BookOpen aria-hidden size={16} />
        Operating manual
      </Link>
      <Preference
        name="theme"
        label="Theme"
        choices={[
          { value: "system", label: "System" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
      />
      <Preference
        name="density"
        label="Rows"
        choices={[
          { value: "regular", label: "Regular" },
          { value: "compact", label: "Compact" },
        ]}
      />
      <div className="border-line border-t pt-1">
        <Button
          variant="quiet"
          pending={leaving}
          onClick={leave}
          icon={<LogOut aria-hidden size={14} />}
          className="w-full justify-start!"
        >
          Sign out
        </Button>
      </div>
    </Menu>
  );
}
