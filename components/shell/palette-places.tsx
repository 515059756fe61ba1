"use client";

import type { Route } from "next";
import { useRouter, useSearchParams } from "next/navigation";
import { useHref } from "./nav-links";
import { type Place, places, subPlaces } from "./navigation";
import { Palette } from "./palette";

/** The palette with the places, and the pages below them, that a person may go to. */
export function PalettePlaces({
  allowed,
  defaultPeriod,
}: Readonly<{ allowed: readonly Place["key"][]; defaultPeriod: string }>) {
  const router = useRouter();
  const hrefOf = useHref(defaultPeriod);
  const entity = useSearchParams().get("entity");
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
        ...subPlaces
          .filter(({ of }) => allowed.includes(of))
          .map(({ label, path, entity: isOfEntity }) => ({
            id: `place ${path}`,
            label: `Go to ${label}`,
            pick: () =>
              router.push(
                (isOfEntity && entity ? `${path}?entity=${encodeURIComponent(entity)}` : path) as Route,
              ),
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
