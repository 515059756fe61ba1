/** What a person may be asked to be allowed to do. One row per thing that some code asks for. */
export const permissions = [
  "close.read",
  "close.prepare",
  "close.review",
  "close.lock",
  "close.reopen",
  "close.policy",
  "close.tasks",
  "close.templates",
  "journals.propose",
  "journals.approve",
  "exceptions.read",
  "exceptions.assign",
  "exceptions.comment",
  "exceptions.accept",
  "exceptions.approve",
  "acceptance-rules.propose",
  "acceptance-rules.approve",
  "orders.read",
  "alerts.read",
  "alerts.acknowledge",
  "feeds.read",
  "feeds.sync",
  "feeds.backfill",
  "records.retry",
  "reconcile.run",
  "record.resync",
  "questions.ask",
  "customers.reveal",
  "pairing.decide",
  "resolutions.make",
  "resolutions.approve",
  "settings.read",
  "settings.write",
  "mappings.approve",
  "rounding.confirm",
  "cut-off.set",
  "users.manage",
  "audit.read",
] as const;

export type Permission = (typeof permissions)[number];

export const roles = [
  "finance-preparer",
  "finance-reviewer",
  "operations",
  "customer-service",
  "auditor",
  "administrator",
] as const;

export type Role = (typeof roles)[number];

type RoleRow = Readonly<{
  title: string;
  /** One sentence for people who choose or grant the role. */
  does: string;
  permissions: readonly Permission[];
}>;

const figures = [
  "close.read",
  "exceptions.read",
  "orders.read",
  "alerts.read",
  "feeds.read",
  "settings.read",
] as const;
const work = [
  "alerts.acknowledge",
  "exceptions.assign",
  "exceptions.comment",
  "feeds.sync",
  "feeds.backfill",
  "records.retry",
  "reconcile.run",
  "record.resync",
  "questions.ask",
] as const;

/**
 * The one table of rights. A grant gives a role for one entity or for all of them.
 * Customer service sees the amounts of the order it looks at and no totals; the auditor reads everything and
 * writes nothing but annotations.
 */
export const roleTable: Readonly<Record<Role, RoleRow>> = {
  "finance-preparer": {
    title: "Finance preparer",
    does: "Sees the month tie out, prepares and signs it, works the exceptions of finance, syncs and reconciles.",
    permissions: [
      ...figures,
      ...work,
      "exceptions.accept",
      "acceptance-rules.propose",
      "pairing.decide",
      "close.prepare",
      "close.reopen",
      "close.tasks",
      "close.templates",
      "journals.propose",
      "resolutions.make",
      "audit.read",
    ],
  },
  "finance-reviewer": {
    title: "Finance reviewer",
    does: "Reviews and signs what the preparer did, closes the month, approves what others want accepted or mapped, confirms how the systems round, sees every figure and the audit trail.",
    permissions: [
      ...figures,
      ...work,
      "exceptions.accept",
      "exceptions.approve",
      "acceptance-rules.propose",
      "acceptance-rules.approve",
      "resolutions.make",
      "resolutions.approve",
      "mappings.approve",
      "rounding.confirm",
      "cut-off.set",
      "close.prepare",
      "close.review",
      "close.lock",
      "close.reopen",
      "close.tasks",
      "close.templates",
      "journals.propose",
      "journals.approve",
      "audit.read",
    ],
  },
  operations: {
    title: "Operations",
    does: "Works the queue of failed and missing records, resyncs orders, watches the feeds.",
    permissions: [
      ...figures,
      ...work,
      "customers.reveal",
      "pairing.decide",
      "resolutions.make",
      "close.tasks",
    ],
  },
  "customer-service": {
    title: "Customer service",
    does: "Finds an order in seconds, resyncs it and asks finance or operations about it. Sees the amounts of that order, no totals.",
    permissions: ["orders.read", "alerts.read", "record.resync", "questions.ask", "customers.reveal"],
  },
  auditor: {
    title: "Auditor",
    does: "Reads everything, leaves annotations, changes nothing.",
    permissions: [...figures, "exceptions.comment", "audit.read"],
  },
  administrator: {
    title: "Administrator",
    does: "Looks after connections, mappings, ownership and users.",
    permissions: [
      ...figures,
      ...work,
      "settings.write",
      "resolutions.make",
      "resolutions.approve",
      "mappings.approve",
      "rounding.confirm",
      "cut-off.set",
      "close.policy",
      "close.templates",
      "users.manage",
      "audit.read",
    ],
  },
};

/** The roles that give a permission. */
export const permitting = (permission: Permission): readonly Role[] =>
  roles.filter((role) => roleTable[role].permissions.includes(permission));

const knownRoles: ReadonlySet<string> = new Set(roles);

/** Whether a text out of the database or a command line names a role. */
export const isRole = (text: string): text is Role => knownRoles.has(text);

/** What a permission is called in a sentence that refuses it: "You may not … ". */
export const permissionWords: Readonly<Record<Permission, string>> = {
  "close.read": "see the totals of a period",
  "close.prepare": "sign the figures of a period as their preparer",
  "close.review": "sign the figures of a period as their reviewer, or decide on its reopening",
  "close.lock": "close a period",
  "close.reopen": "ask that a period is reopened",
  "close.policy": "set how periods are signed",
  "close.tasks": "work on the checklist of a period",
  "journals.propose": "propose corrections of a period as journals, or have approved ones posted or exported",
  "journals.approve": "approve the journals that others propose",
  "close.templates": "change what stands on the checklist of every period",
  "exceptions.read": "see exceptions",
  "exceptions.assign": "assign exceptions",
  "exceptions.comment": "comment on exceptions",
  "exceptions.accept": "accept exceptions",
  "exceptions.approve": "approve what others want accepted",
  "acceptance-rules.propose": "propose that such exceptions are always accepted",
  "acceptance-rules.approve": "approve that such exceptions are always accepted",
  "orders.read": "see orders",
  "alerts.read": "see alerts",
  "alerts.acknowledge": "acknowledge alerts",
  "feeds.read": "see feeds",
  "feeds.sync": "start or stop a sync",
  "feeds.backfill": "have past days read again",
  "records.retry": "retry records that failed",
  "reconcile.run": "start a reconciliation",
  "record.resync": "resync a record",
  "questions.ask": "ask finance or operations about an order",
  "customers.reveal": "see customers' names and addresses",
  "pairing.decide": "pair documents or lines by hand",
  "resolutions.make": "put exceptions right in SCAYLE and the ERP",
  "resolutions.approve": "approve what others want to send to SCAYLE and the ERP",
  "settings.read": "see the settings",
  "settings.write": "change the settings",
  "mappings.approve": "approve changes of mappings and of who owns what",
  "rounding.confirm": "confirm how the systems round",
  "cut-off.set": "set the cut-off of a month",
  "users.manage": "manage users",
  "audit.read": "read the audit trail",
};
