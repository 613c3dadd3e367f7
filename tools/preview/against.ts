/** The comparison with another revision: both programs run at the same time. */
import type { Changes } from "./change.ts";
import { changesAgainst } from "./changes.ts";
import type { Recorded } from "./recorded.ts";
import { recordRevision } from "./revision.ts";

/** Begins to run the program of a revision; the answer holds it against a record of the working tree. */
export function beginComparison(revision: string, stack: string): (now: Recorded) => Promise<Changes> {
  const other = recordRevision(revision, stack);
  // Its failure is told when it is asked for, and not before: the working tree's own mistakes come first.
  other.catch(() => undefined);
  return async (now) => changesAgainst(await other, now);
}
