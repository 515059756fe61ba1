import { ConsolePage } from "@/components/shell/console-page";
import { CardSkeleton } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <ConsolePage title="Close">
      <CardSkeleton lines={1} label="Loading the period…" />
      <div className="grid gap-4 xl:grid-cols-[3fr_2fr]">
        <CardSkeleton lines={9} />
        <CardSkeleton lines={5} />
      </div>
      <CardSkeleton lines={8} />
    </ConsolePage>
  );
}
