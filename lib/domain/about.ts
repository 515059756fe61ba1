/** What lists know of what an exception is about. */
type Named = Readonly<{
  order: string | null;
  about: string | null;
  document: string | null;
}>;

/** What an exception is about, as lists name it: its order, else an item or a feed, else a document; null: nothing is known. */
export const aboutOf = ({ order, about, document }: Named): string | null => order ?? about ?? document;
