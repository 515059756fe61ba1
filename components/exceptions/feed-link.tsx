import type { Route } from "next";
import { ButtonLink } from "@/components/ui/button";

/** To the feed that an exception is about. */
export function FeedLink({ feedId }: Readonly<{ feedId: string }>) {
  return (
    <ButtonLink href={`/feeds/feed?id=${encodeURIComponent(feedId)}` as Route} variant="primary">
      Open the feed
    </ButtonLink>
  );
}
