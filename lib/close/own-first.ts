/** What there is by currency, that of the entity's books first, the others by name: another currency is a stray as a rule. */
export const ownFirst = <One>(
  all: readonly One[],
  own: string,
  currencyOf: (one: One) => string,
): readonly One[] => {
  const rank = (one: One): string => (currencyOf(one) === own ? "" : currencyOf(one));
  return [...all].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
};
