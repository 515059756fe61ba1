import { Tabs } from "@/components/ui/tabs";

/** The pages of a month's close, and the way to all entities. */
const PAGES = [
  ["", "Figures"],
  ["/vat", "VAT and accounts"],
  ["/debt", "Debt"],
  ["/locked", "Locked"],
] as const;

/** Which page of the close is shown: `current` is the part of its address after the month, or "/close/overview". */
export function CloseTabs({
  entityId,
  period,
  current,
  at,
}: Readonly<{
  entityId: string;
  period: string;
  current: (typeof PAGES)[number][0] | "/close/overview";
  /** as at which moment, where the page shows one: the others show it too */
  at?: string | undefined;
}>) {
  const query = `?entity=${encodeURIComponent(entityId)}`;
  const then = at === undefined ? "" : `&at=${encodeURIComponent(at)}`;
  return (
    <div data-screen-only>
      <Tabs
        label="Pages of the close"
        tabs={[
          ...PAGES.map(([path, label]) => ({
            href: `/close/${period}${path}${query}${then}`,
            label,
            current: path === current,
          })),
          {
            href: `/close/overview${query}`,
            label: "All entities",
            current: current === "/close/overview",
          },
        ]}
      />
    </div>
  );
}
