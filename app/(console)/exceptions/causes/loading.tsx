import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Root causes">
      <CardSkeleton lines={3} label="Loading the root causes…" />
      <CardSkeleton lines={3} />
      <CardSkeleton lines={3} />
    </ConsolePage>
  );
}
