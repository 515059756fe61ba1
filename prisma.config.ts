import { defineConfig } from "prisma/config";

// No datasource URL here: `prisma generate` needs none, and the pools get theirs from lib/env.
export default defineConfig({
  schema: "prisma/schema",
  migrations: { path: "prisma/migrations" },
});
