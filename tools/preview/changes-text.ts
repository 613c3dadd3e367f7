/** What changes against another revision, as text for a terminal. */
import { paint, table } from "../table.ts";
import type { Changes } from "./change.ts";
import { changeRows, fateCounts, figureRows } from "./change-rows.ts";

/** The section of the plain report. */
export function changesText(changes: Changes): string {
  const { objects, figures, revision, commit, limits } = changes;
  const [objectTable, figureTable] = [changeRows(changes), figureRows(changes)].map(({ header, rows }) =>
    rows.length === 0 ? [] : [table(header, rows)],
  );
  return [
    paint("bold", `what changes against ${revision} (${commit.slice(0, 9)})`),
    `  ${fateCounts(objects)}; values of secrets are not compared`,
    ...limits.map((one) => `  ${paint("yellow", "!")} ${one}`),
    ...(objectTable ?? []),
    ...(figures.length === 0 ? [] : (figureTable ?? [])),
  ].join("\n\n");
}
