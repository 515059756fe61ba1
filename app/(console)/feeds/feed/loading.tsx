import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Feed">
      <CardSkeleton lines={8} label="Loading the feed…" />
    </ConsolePage>
  );
}
