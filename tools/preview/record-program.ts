/**
 * Records the program of another revision in a process of its own, so that neither its modules nor its failures meet
 * those of the running command. Arguments: folder of the program, stack, file for the answer.
 */
import { writeFileSync } from "node:fs";
import { recordProgram } from "./recorded.ts";

const [folder, stack, file] = process.argv.slice(2);
if (folder === undefined || stack === undefined || file === undefined) {
  throw new Error("usage: record-program.ts FOLDER STACK FILE");
}
try {
  writeFileSync(file, JSON.stringify(await recordProgram(folder, stack)));
} catch (error) {
  // The message alone: the caller says which revision it is of.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
