// `npm run generate`: writes the Prisma client from prisma/schema.

import { generateClient } from "./prepare.mjs";

await generateClient({ onOutput: (text) => process.stdout.write(text) });
