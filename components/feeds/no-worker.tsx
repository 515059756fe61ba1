import { Message } from "@/components/ui/message";

/** Says that nobody does what is asked for, and what to do about it; nothing where somebody does. */
export function NoWorker({ missing }: Readonly<{ missing: boolean }>) {
  if (!missing) return null;
  return (
    <Message tone="broken" title="No worker is running, so nothing is read">
      Feeds, back-fills, resyncs and what webhooks named wait until one runs; nothing of it is lost, and the
      figures stay as they were. Start one on the server with <code>npm run worker</code>, or set{" "}
      <code>TIEOUT_JOBS=web</code> to let the web process do it.
    </Message>
  );
}
