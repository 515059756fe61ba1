/** What a comment's writer is told: that it is kept, who was told of it, and which of its @words named nobody. */
export function commentAdded({
  mentioned,
  unknown,
}: Readonly<{ mentioned: readonly string[]; unknown: readonly string[] }>): string {
  const told =
    mentioned.length > 0 ? `Comment added; it mentions ${mentioned.join(", ")}.` : "Comment added.";
  if (unknown.length === 0) return told;
  return `${told} Nobody was named by ${unknown.join(", ")}: choose from “Mention somebody”.`;
}
