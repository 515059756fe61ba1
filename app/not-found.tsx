import { Mark } from "@/components/shell/mark";
import { ButtonLink } from "@/components/ui/button";

/** An address that leads nowhere. */
export default function NotFound() {
  return (
    <main className="mx-auto flex max-w-xl flex-col items-start gap-4 p-6 pt-24">
      <Mark />
      <h1 className="font-semibold text-xl">There is no such page</h1>
      <p className="text-soft">Check the address, or start from your own page.</p>
      <ButtonLink href="/" variant="primary">
        Go to your start page
      </ButtonLink>
    </main>
  );
}
