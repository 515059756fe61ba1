/** Room for what sticks to the top of a panel, in pixels. */
const HEAD = 56;

/** Brings a part of an open record to the top of its panel, and nothing else into motion; its heading has the focus then. */
export function showPart(id: string): void {
  const part = document.getElementById(id) ?? document.querySelector("aside");
  if (part === null) return;
  const panel = part.closest("aside");
  if (panel !== null && panel !== part)
    panel.scrollTop += part.getBoundingClientRect().top - panel.getBoundingClientRect().top - HEAD;
  const heading = part.querySelector<HTMLElement>("h2, h3");
  if (heading === null) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
