/** A payload as it came, without personal data. */
export function Payload({ payload }: Readonly<{ payload: unknown }>) {
  return (
    <details>
      <summary className="text-soft">Payload</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label="Payload" tabIndex={0} className="mt-2 max-h-96 overflow-auto">
        <pre className="rounded-md bg-sunken p-3 font-mono text-xs">{JSON.stringify(payload, null, 2)}</pre>
      </section>
    </details>
  );
}
