/** The name of the product, with its sign: two columns that meet at one line. */
export function Mark() {
  return (
    <span className="inline-flex items-center gap-2 font-semibold text-lg tracking-tight">
      <svg aria-hidden="true" width="20" height="20" viewBox="0 0 20 20" fill="none">
        <rect x="2" y="2" width="6" height="12" rx="1.5" fill="currentColor" />
        <rect x="12" y="6" width="6" height="8" rx="1.5" fill="var(--accent)" />
        <rect x="2" y="16" width="16" height="2" rx="1" fill="currentColor" />
      </svg>
      Tieout
    </span>
  );
}
