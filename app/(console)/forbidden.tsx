import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";

/** What a signed-in person sees who has no right to a page or to the entity that its address names. */
export default function Forbidden() {
  return (
    <ConsolePage title="You may not see this page">
      <p className="max-w-prose">
        Your role does not cover what this address shows, or it is about an entity that you have no right to.
        Nothing is wrong with the figures. If you need it for your work, ask an administrator for the role.
      </p>
      <div>
        <ButtonLink href="/">Go to your start page</ButtonLink>
      </div>
    </ConsolePage>
  );
}
