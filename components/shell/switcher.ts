/** How the switchers in the head of a page look. */
export const switcher =
  "fade h-8 max-w-full rounded-md border border-line bg-surface px-2 pr-1 font-medium text-sm hover:bg-hover aria-busy:opacity-60 max-md:h-10";
