import { type Command, InvalidArgumentError, Option } from "commander";
import { causeOf } from "@/lib/causes/registry";
import { ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { formatAmount } from "@/lib/domain/money";
import { askFor } from "@/lib/mappings/requests";
import type { EffectRow } from "@/lib/matching/preview";
import { needsSecondPerson, type Preview, previewChangeBy, saveChangeBy } from "@/lib/settings/change/make";
import { isMapping, readDraft, type SettingsChange } from "@/lib/settings/change/schema";
import { besidesSentence, effectSentence, unknownSentence } from "@/lib/settings/change/words";
import { account, item, noneCodes, postingLag, rounding, type TypedChange, taxCode } from "./change-options";
import { liveEntities } from "./entities";
import { printResult, type Shell, table } from "./shell";

type Options = Readonly<{ entity: string; save?: boolean }>;

const FORMS: readonly (readonly [flags: string, words: string, read: (text: string) => TypedChange])[] = [
  [
    "--tax-code <rule>",
    'a code that is right: "DE * 0.19 VAT19" (country, channel, rate, code)',
    taxCode(true),
  ],
  ["--no-tax-code <rule>", "a code that is no longer right there", taxCode(false)],
  ["--rounding <policy>", "how a connection rounds: CONNECTION=document/half-up/gross/tax", rounding],
  ["--none-codes <codes>", 'the tax codes that mean "no code": A,B', noneCodes],
  ["--posting-lag <hours>", "how long the ERP normally needs to post", postingLag],
  ["--item <mapping>", "what an ERP item stands for: ITEM=SKU or ITEM/VARIANT=SKU", item],
  ["--account <mapping>", "what a G/L account stands for: 8400=shipping", account],
];

/** tieout change */
export function addChange(program: Command, shellOf: () => Shell): void {
  const command = program
    .command("change")
    .description(
      "what one change of an entity's settings would do to every order; --save makes it, or asks a second person for it",
    )
    .requiredOption("--entity <code>", "whose settings");
  let typed: TypedChange | undefined;
  for (const [flags, words, read] of FORMS) {
    command.addOption(
      new Option(flags, words).argParser((text: string) => {
        if (typed) throw new InvalidArgumentError("One change at a time.");
        typed = read(text);
        return typed;
      }),
    );
  }
  command.option("--save", "make the change once it is previewed").action(async (options: Options) => {
    const stated = typed;
    if (!stated) return command.error("error: say what to change, with one of the options", { exitCode: 2 });
    const shell = shellOf();
    const [entity = options.entity] = await liveEntities(ownerPool(), options.entity);
    const change = await wholeChange(entity, stated);
    const preview = await previewChangeBy(shell.actor, entity, change, {
      now: shell.now,
      signal: shell.signal,
      onProgress: (done, total) => {
        if (total > 1) shell.say(`Part ${done} of ${total} is previewed.`);
      },
    });
    const asked =
      options.save === true && isMapping(change) && (await needsSecondPerson(ownerPool(), entity));
    if (asked) await askFor(shell.actor, { entityId: entity, changes: [change], source: "change" }, shell);
    const saved = options.save === true && !asked;
    if (saved) await saveChangeBy(shell.actor, entity, change, preview.seal, { now: shell.now() });
    const { seal: _, ...told } = preview;
    printResult(shell, { entity, change, ...told, saved, asked }, () =>
      wordsOf(entity, preview, asked ? "asked" : saved ? "saved" : "previewed"),
    );
  });
}

/** The change with the id of the connection that it names. Throws Refusal "not-found" where the entity has none such. */
async function wholeChange(entityId: string, typed: TypedChange): Promise<SettingsChange> {
  if (typed.kind !== "rounding") return typed;
  const { rows } = await ownerPool().query<{ id: string; name: string }>(
    "SELECT id, name FROM connection WHERE entity_id = $1 AND retired_at IS NULL ORDER BY name",
    [entityId],
  );
  const wanted = typed.connection.toLowerCase();
  const named = rows.filter(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
  const [connection] = named;
  if (!connection || named.length > 1) {
    const known = rows.map((row) => `${row.name} (${row.id})`).join(", ") || "none";
    throw new Refusal(
      "not-found",
      connection
        ? `${entityId} has several connections of that name; give its id: ${known}.`
        : `${entityId} has no connection ${typed.connection}. It has: ${known}.`,
    );
  }
  const { change, faults } = readDraft("rounding", { ...typed.draft, connectionId: connection.id });
  if (change) return change;
  throw new Refusal("invalid", Object.values(faults).join(" "));
}

function wordsOf(entity: string, preview: Preview, done: "asked" | "saved" | "previewed"): readonly string[] {
  const { effect } = preview;
  const besides = besidesSentence(preview);
  const unknown = unknownSentence(preview.unknownCodes);
  return [
    ...(unknown ? [unknown] : []),
    effectSentence(effect),
    ...(besides ? [besides] : []),
    `${effect.groups.toLocaleString("en")} orders looked at, ${effect.matchesWon} matches won, ${effect.matchesLost} lost.`,
    ...(effect.lost.length > 0
      ? [`Orders that would lose a match, among them: ${effect.lost.join(", ")}`]
      : []),
    ...rowsOf("cleared", effect.cleared),
    ...rowsOf("made", effect.made),
    {
      asked: "Asked for. It holds once somebody else approves it, at Settings → Mappings.",
      saved: `Saved. The next reconciliation applies it: tieout reconcile --entity ${entity}`,
      previewed: "Nothing was stored. With --save the change is made.",
    }[done],
  ];
}

function rowsOf(title: string, rows: readonly EffectRow[]): readonly string[] {
  if (rows.length === 0) return [];
  return [
    "",
    ...table(
      [title, "count", "net", "tax", "gross", ""],
      rows.map(({ cause, currency, count, net, tax, gross }) => [
        causeOf(cause)?.title ?? cause,
        String(count),
        ...[net, tax, gross].map((amount) => formatAmount(amount, currency)),
        currency,
      ]),
      [1, 2, 3, 4],
    ),
    "",
  ];
}
