/** Stack files of the project, read as plain data. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { UserError } from "../errors.ts";

/** Folder of the project. */
export const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Version of the program, as `package.json` says it. */
export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as { version: string };
  return version;
}

/** Configuration of a stack by full key, as in `realmgrid:regions`. */
export type StackConfig = Record<string, unknown>;

/** Names of the stacks that have a file. */
export function stackNames(folder = projectFolder): string[] {
  return readdirSync(folder)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((stack) => stack !== undefined)
    .sort();
}

/** Reads `Pulumi.<stack>.yaml`. Throws a `UserError` for an unknown stack or text that is no YAML. */
export function readStackFile(stack: string, folder = projectFolder): StackConfig {
  const file = `Pulumi.${stack}.yaml`;
  if (!/^[\w.-]+$/.test(stack) || !existsSync(join(folder, file))) {
    throw new UserError(`There is no stack "${stack}": want one of ${stackNames(folder).join(", ")}.`);
  }
  const document = parseDocument(readFileSync(join(folder, file), "utf8"), { prettyErrors: true });
  if (document.errors.length > 0) {
    throw new UserError(`${file} is no valid YAML.\n\n${document.errors.map((error) => error.message).join("\n")}`);
  }
  const content: unknown = document.toJS() ?? {};
  const config = typeof content === "object" && content !== null && "config" in content ? content.config : undefined;
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new UserError(`${file} has no "config:" mapping.`);
  }
  return config as StackConfig;
}
