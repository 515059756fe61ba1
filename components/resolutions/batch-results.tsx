import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { aboutOf } from "@/lib/domain/about";
import type { BatchView } from "@/lib/resolutions/loaders";
import { stateTone, stateWord } from "./words";

/** What came of each of many resolutions; each leads to its exception. */
export function BatchResults({ attempts }: Readonly<{ attempts: BatchView["attempts"] }>) {
  return (
    <ul aria-label="What came of each" className="flex flex-col">
      {attempts.map((one) => (
        <li
          key={one.id}
          className="flex flex-col gap-1 border-line border-b px-4 py-2 text-sm last:border-b-0"
        >
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            {/* Not prefetched: the page is read again and again, and each of them would be with it. */}
            <Link
              href={`/exceptions/${one.exceptionId}` as Route}
              prefetch={false}
              className="font-medium underline decoration-line-strong underline-offset-4"
            >
              {aboutOf(one) ?? "no order known"}
            </Link>
            <Badge tone={stateTone(one.state)}>{stateWord(one.state)}</Badge>
          </div>
          <p className="break-words text-soft">{one.outcome ?? one.sentence}</p>
        </li>
      ))}
    </ul>
  );
}
