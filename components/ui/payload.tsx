/** A payload as it came, without personal data. `title` says of what, where several stand together. */
export function Payload({ payload, title = "Payload" }: Readonly<{ payload: unknown; title?: string }>) {
  return (
    <details>
      <summary className="cursor-pointer text-soft">{title}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label={title} tabIndex={0} className="mt-2 max-h-96 overflow-auto">
        <pre className="rounded-md bg-sunken p-3 font-mono text-xs">{JSON.stringify(payload, null, 2)}</pre>
      </section>
    </details>
  );
}
