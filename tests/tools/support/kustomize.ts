/** The real kustomize, as kubectl has it. */
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { toolchainFolder } from "../../../lab/tool-cache.ts";

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of kubectl: in PATH, or one that the lab has built; undefined where there is none, which is said aloud. */
export function findKubectl(): string | undefined {
  const cache = toolchainFolder();
  const built = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith("kube-")) : [];
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...built.map((name) => join(cache, name))];
  const found = folders.map((folder) => join(folder, "kubectl")).find(isProgram);
  if (found === undefined) console.log("SKIPPED: kustomizations with the real kustomize, because there is no kubectl");
  return found;
}

/** Objects that a folder with a kustomization comes to, read as YAML 1.1. */
export async function build(kubectl: string, folder: string): Promise<unknown[]> {
  const { stdout } = await promisify(execFile)(kubectl, ["kustomize", folder], { maxBuffer: 64 * 1024 * 1024 });
  return parseAllDocuments(stdout, { version: "1.1" }).map((document) => document.toJS());
}
