import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Order">
      <CardSkeleton lines={2} label="Loading the order…" />
      <CardSkeleton lines={6} />
      <CardSkeleton lines={4} />
    </ConsolePage>
  );
}
