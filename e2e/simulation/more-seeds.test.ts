import { holdSeeds } from "./hold-seeds";

// The other half of the seeds of the tests: see simulation.test.ts.
holdSeeds(51, 100);
