import { causeOf } from "@/lib/causes/registry";

/** What a change in the trail is about, for people: "Price wrong, MODA-EU, Moda AT"; undefined where it is about no place. */
export function aboutText(
  subject: string,
  shops: readonly Readonly<{ id: string; name: string }>[],
): string | undefined {
  const [, cause, entityId, shopId] = /^ownership:([^/]+)\/([^/]+)\/(.+)$/.exec(subject) ?? [];
  if (cause === undefined) return undefined;
  return [
    causeOf(cause)?.title ?? cause,
    entityId === "*" ? "all entities" : entityId,
    ...(shopId === undefined || shopId === "*"
      ? []
      : [shops.find(({ id }) => id === shopId)?.name ?? shopId]),
  ].join(", ");
}
