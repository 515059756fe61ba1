import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Resolutions">
      <CardSkeleton lines={3} label="Loading what came of them…" />
      <CardSkeleton lines={4} />
      <CardSkeleton lines={4} />
    </ConsolePage>
  );
}
