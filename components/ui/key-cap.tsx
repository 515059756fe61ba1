/** The key that does the same as what it stands beside; not read out, since `aria-keyshortcuts` says it. */
export function KeyCap({ children }: Readonly<{ children: string }>) {
  return (
    <kbd
      aria-hidden
      className="rounded border border-line bg-sunken px-1 font-sans text-soft text-xs max-md:hidden"
    >
      {children}
    </kbd>
  );
}
