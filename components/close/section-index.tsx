import { Badge } from "@/components/ui/badge";
import { cx } from "@/components/ui/class-names";
import { Sideways } from "@/components/ui/sideways";
import type { Tone } from "@/components/ui/tone";

/** A part of the month's page, and how it stands. */
export type Section = Readonly<{
  id: string;
  title: string;
  state: Readonly<{ tone: Tone; words: string }> | null;
}>;

/**
 * The parts of a long page with how each stands; each opens its part. `inHead`: among what sticks to the top on a desk; else for
 * phones, where the head scrolls away and this stays.
 */
export function SectionIndex({
  sections,
  inHead,
}: Readonly<{ sections: readonly Section[]; inHead: boolean }>) {
  return (
    <div
      data-screen-only
      className={cx(
        inHead ? "px-4 max-md:hidden md:px-6" : "sticky top-0 z-20 -mx-4 bg-canvas px-4 md:hidden",
      )}
    >
      <Sideways label="Parts of this page" current="">
        {sections.map(({ id, title, state }) => (
          <a
            key={id}
            href={`#${id}`}
            className="fade flex h-9 items-center gap-1.5 px-2 text-sm whitespace-nowrap hover:text-ink"
          >
            <span className="underline decoration-line-strong underline-offset-4">{title}</span>
            {state && <Badge tone={state.tone}>{state.words}</Badge>}
          </a>
        ))}
      </Sideways>
    </div>
  );
}
