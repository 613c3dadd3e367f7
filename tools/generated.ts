/** Files of the project that a command writes from the program, and that are compared where nothing may be written. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "./offline/stack-file.ts";
import { paint } from "./table.ts";

/** Options of the commands that generate files. */
export const generatedOptions = { check: { type: "boolean" }, json: { type: "boolean" } } as const;

/** Help for `generatedOptions`. */
export const generatedHelp = `  --check   write nothing, exit with 1 when a file is stale
  --json    the state of each file as JSON
`;

/** Writes files by path, or only compares them; says what it did and answers the exit code. */
export function writeGenerated(
  files: ReadonlyMap<string, string>,
  options: { check?: string | boolean; json?: string | boolean },
  command: string,
): number {
  const states = [...files].map(([path, text]) => {
    const file = join(projectFolder, path);
    const same = existsSync(file) && readFileSync(file, "utf8") === text;
    if (!same && options.check !== true) writeFileSync(file, text);
    return { path, state: same ? "up to date" : options.check === true ? "stale" : "written" };
  });
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(states, null, 2)}\n`);
  } else {
    for (const { path, state } of states) {
      const hint = state === "stale" ? `: run ${command}` : "";
      process.stdout.write(`${paint(state === "up to date" ? "green" : "yellow", state)}  ${path}${hint}\n`);
    }
  }
  return states.some(({ state }) => state === "stale") ? 1 : 0;
}
