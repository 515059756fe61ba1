/** Types of embedded.mjs, which is plain JavaScript because it runs before anything is installed or built. */
export function ensureDatabase(options: {
  dataDir: string;
  log?: (line: string) => void;
  forTests?: boolean;
}): Promise<{
  ownerUrl: string;
  appUrl: string;
  adopted: boolean;
  created: boolean;
  pid: number;
  stop(): Promise<void>;
}>;
