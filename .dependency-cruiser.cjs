// Who may import whom. Tests may import anything.

const rule = (name, comment, from, to) => ({
  name,
  comment,
  severity: "error",
  from: {
    ...(typeof from === "string" ? { path: from } : from),
    pathNot: [].concat(from.pathNot ?? [], TEST),
  },
  to,
});
const TEST = "\\.(test|spec)\\.tsx?$|^e2e/|^lib/db/(testing|test-server)\\.ts$";
const PURE_PACKAGES = ["^node_modules/decimal\\.js", "^crypto$", "^node:crypto$"];
const SLICES = "sync|exceptions|close|orders|settings|manual";

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Two files that need each other are one file.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphans",
      comment: "Nothing reaches it.",
      severity: "error",
      from: { orphan: true, path: "^(components|lib)/", pathNot: [TEST, "\\.d\\.mts$"] },
      to: {},
    },
    rule("domain-is-pure", "lib/domain knows numbers, dates and words; nothing else.", "^lib/domain/", {
      // Holidays are a function of a place and a year, by rules of law that the package keeps.
      pathNot: ["^lib/domain/", ...PURE_PACKAGES, "^node_modules/date-holidays/"],
    }),
    rule(
      "causes-are-pure",
      "A cause is arithmetic over lib/domain: same input, same answer, forever.",
      "^lib/causes/",
      {
        pathNot: ["^lib/(domain|causes)/", ...PURE_PACKAGES],
      },
    ),
    rule(
      "connectors-only-translate",
      "A connector reads and translates; it never stores or decides.",
      "^lib/connectors/",
      {
        path: "^(app|components|lib)/",
        pathNot: "^lib/(domain|connectors)/",
      },
    ),
    rule(
      "imports-only-read",
      "Reading a file ends in documents; storing them is the sync's.",
      "^lib/import/",
      {
        path: "^(app|components|lib)/",
        pathNot: "^lib/(domain|connectors|import)/",
      },
    ),
    rule(
      "matching-stands-below-the-slices",
      "Matching is SQL over documents, and the causes.",
      "^lib/matching/",
      {
        path: "^(app|components|lib)/",
        // The states of an exception are one table for people and runs: pure, and of the slice that people work in.
        pathNot: "^lib/(domain|causes|matching|db|audit)/|^lib/(env|log)\\.ts$|^lib/exceptions/machine\\.ts$",
      },
    ),
    rule("db-is-the-floor", "The database layer knows no slice.", "^lib/db/", {
      path: "^(app|components|lib)/",
      pathNot: "^lib/(db|domain)/|^lib/(env|log)\\.ts$",
    }),
    rule(
      "slices-meet-at-their-doors",
      "A slice uses what its sister offers to all (reads, writes, runs), not how it does it.",
      // What only tests import makes books as the slices do.
      { path: `^lib/(${SLICES})/`, pathNot: "/fixtures\\.ts$" },
      {
        path: `^lib/(${SLICES})/`,
        pathNot: [
          "^lib/$1/",
          "^lib/[^/]+/(data|mutations|schema|machine|registry|run|store|secrets|one|list|templates)[a-z-]*\\.ts$",
          "^lib/sync/store/remap\\.ts$",
        ],
      },
    ),
    rule("pages-do-not-query", "Queries live behind loaders and actions.", "^app/(?!api/)|^components/", {
      path: "^lib/(db|matching|connectors)/",
      dependencyTypesNot: ["type-only"],
    }),
    rule(
      "core-never-reads-the-request",
      "data and mutations take an actor; they never look for one.",
      "^lib/[^/]+/(change/)?(data|mutations)\\.ts$",
      {
        path: "^node_modules/next/(headers|navigation)|^lib/auth/(session|command)",
        dependencyTypesNot: ["type-only"],
      },
    ),
    rule("pages-load", "A page reads through loaders and writes through actions.", "^app/(?!api/)", {
      path: "^lib/",
      pathNot: [
        "^lib/[^/]+/(change/)?(loaders|[a-z]+-view|actions|schema|machine|registry|actor|permissions)\\.ts$",
        "^lib/domain/",
        "^lib/auth/",
        "^lib/log\\.ts$",
      ],
      dependencyTypesNot: ["type-only"],
    }),
    rule("primitives-know-no-feature", "components/ui could ship in another product.", "^components/ui/", {
      path: "^(app|components|lib)/",
      pathNot: ["^components/ui/", "^lib/domain/"],
    }),
    rule(
      "features-compose-in-pages",
      "One feature's components never reach into another's.",
      "^components/(?!ui/)([^/]+)/",
      {
        path: "^components/",
        pathNot: ["^components/ui/", "^components/$1/"],
      },
    ),
    rule("components-see-the-face-of-lib", "A component sees actions, schemas and types.", "^components/", {
      path: "^lib/",
      pathNot: ["^lib/domain/", "^lib/[^/]+/(change/)?(actions|schema|machine|registry|permissions)\\.ts$"],
      dependencyTypesNot: ["type-only"],
    }),
    rule("nothing-imports-app", "app/ is the outermost layer.", "^(components|lib)/", { path: "^app/" }),
    rule(
      "sandbox-is-somebody-else",
      "The product knows the sandbox's addresses and tokens, as it would a customer's; nothing else of it.",
      { path: "^(app|components|lib)/", pathNot: ["^lib/sandbox/", "^lib/settings/sandbox[a-z-]*\\.ts$"] },
      { path: "^lib/sandbox/" },
    ),
    rule(
      "sandbox-shows-its-configuration-only",
      "Connecting it needs what a customer would type in.",
      "^lib/settings/",
      {
        path: "^lib/sandbox/",
        pathNot: "^lib/sandbox/connections\\.ts$",
      },
    ),
    rule(
      "sandbox-shares-no-arithmetic",
      "Its figures must not come from what they are to test.",
      "^lib/sandbox/",
      {
        path: "^(app|components|lib)/",
        pathNot: ["^lib/sandbox/", "^lib/domain/(money|faults|day|json)\\.ts$"],
      },
    ),
    rule(
      "truth-is-for-tests",
      "What was planted is known to tests alone.",
      { path: "^(app|components|lib)/", pathNot: ["^lib/sandbox/truth\\.ts$"] },
      {
        path: "^lib/sandbox/truth\\.ts$",
      },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules|generated" },
    exclude: { path: "\\.next|lib/db/generated/internal" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".cjs", ".json", ".d.mts"],
    },
  },
};
