/** A process that is no more: nothing that it still tries has any effect. */
export class Killed extends Error {
  constructor() {
    super("The process was killed.");
    this.name = "Killed";
  }
}

/** One process of the product as far as it can die: each request and each statement is a step. */
export type Process = {
  dead: boolean;
  steps: number;
  /** Takes a step. @throws Killed where it is the process's last, or comes after it */
  step(what: string): Promise<void>;
  /** ends the process at once, with all that it held */
  die(): Promise<never>;
  /** what has to go with the process: its connections */
  onDeath: (() => Promise<void>)[];
};

/** A process that is killed at its `killAt`th step; null: it lives. */
export function startProcess(killAt: number | null, note: (what: string) => void): Process {
  const process: Process = {
    dead: false,
    steps: 0,
    onDeath: [],
    async step(what) {
      if (process.dead) throw new Killed();
      process.steps += 1;
      if (process.steps !== killAt) return;
      note(what);
      await process.die();
    },
    async die() {
      process.dead = true;
      for (const end of process.onDeath) await end();
      throw new Killed();
    },
  };
  return process;
}
