import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Root cause">
      <CardSkeleton lines={3} label="Loading the root cause…" />
      <CardSkeleton lines={4} />
      <CardSkeleton lines={4} />
    </ConsolePage>
  );
}
