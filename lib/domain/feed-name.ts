const resources: Readonly<Record<string, string>> = {
  orders: "Orders",
  invoices: "Invoice lists",
  "ledger-documents": "Sales invoices and credit memos",
  status: "Order status",
  stock: "Stock",
  sales: "Sales files",
  ledger: "Ledger files",
  file: "Files",
};

/** What people call what a feed reads. */
export const feedName = ({
  resource,
  shop,
  side,
}: Readonly<{ resource: string; shop: string | null; side?: string }>): string =>
  resource === "stock" && side !== undefined
    ? side === "erp"
      ? "Stock on hand"
      : "Stock that may be sold"
    : [resources[resource] ?? resource, ...(shop ? [shop] : [])].join(", ");
