/** Types of chromium.mjs for the Playwright configuration. */
export function findChromium(): Promise<string | null>;
