"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useHref } from "./nav-links";
import { type Place, places } from "./navigation";
import { Palette } from "./palette";

/** The palette with the places that a person may go to. */
export function PalettePlaces({
  allowed,
  defaultPeriod,
}: Readonly<{ allowed: readonly Place["key"][]; defaultPeriod: string }>) {
  const router = useRouter();
  const hrefOf = useHref(defaultPeriod);
  return (
    <Palette
      onGo={(href) => router.push(href as Route)}
      places={[
        ...places
          .filter(({ key }) => allowed.includes(key))
          .map(({ key, label }) => ({
            id: `place ${key}`,
            label: `Go to ${label}`,
            pick: () => router.push(hrefOf(key)),
          })),
        {
          id: "place manual",
          label: "Go to the operating manual",
          pick: () => router.push("/manual" as Route),
        },
      ]}
    />
  );
}
