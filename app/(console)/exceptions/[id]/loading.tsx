import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Exception">
      <CardSkeleton lines={2} label="Loading the exception…" />
      <CardSkeleton lines={6} />
      <CardSkeleton lines={4} />
    </ConsolePage>
  );
}
