/** What states are called on screens and in files. */
export const stateNames: Readonly<Record<string, string>> = {
  new: "New",
  assigned: "Assigned",
  "in-progress": "In progress",
  waiting: "Waiting",
  resolved: "Resolved",
  accepted: "Accepted",
  explained: "Explained",
};
