/** The stack that a lab plays: its real file and program, with the few values that a machine under a desk needs. */
import { join } from "node:path";
import { projectFolder, readStackFile } from "../tools/offline/stack-file.ts";
import { type Engine, openEngine } from "./engine.ts";
import { programOf } from "./engine-child.ts";
import type { Lab } from "./session.ts";

/**
 * Values that take the place of those in the stack file: add-ons exist (their definitions are installed, no chart can be
 * fetched), the storage class is made for the lab's volumes, and nothing is protected, since a lab is thrown away.
 */
export function labOverrides(stack: string): Record<string, unknown> {
  const cluster = readStackFile(stack)["realmgrid:cluster"] as { storageClass?: { name?: string } } | undefined;
  const name = cluster?.storageClass?.name || "lab-disk";
  const storageClass = { ...cluster?.storageClass, name, provisioner: "disk.lab.invalid", parameters: {} };
  return { "realmgrid:cluster": { ...cluster, addons: {}, protectData: false, storageClass } };
}

/** Changes of the configuration that reach nothing but ConfigMaps and Secrets, and the pods' checksum of them. */
export function contentChangesOf(stack: string): { what: string; config: Record<string, unknown> }[] {
  const file = readStackFile(stack);
  const game = (file["realmgrid:game"] ?? {}) as Record<string, unknown>;
  const regions = file["realmgrid:regions"] as Record<string, Record<string, unknown>>;
  const slower = Object.entries(regions).map(([name, region]) => [
    name,
    region["enabled"] === true ? { ...region, latencyThresholdMs: 99 } : region,
  ]);
  return [
    { what: "message of the day", config: { "realmgrid:game": { ...game, motd: "Maintenance at noon." } } },
    { what: "log level", config: { "realmgrid:game": { ...game, logLevel: "WARN" } } },
    { what: "latency threshold", config: { "realmgrid:regions": Object.fromEntries(slower) } },
    { what: "new keys in the Secret", config: { "realmgrid:game": { ...game, secretsGeneration: 2 } } },
  ];
}

/** Folder of the project's policy pack, which judges what a lab deploys as it judges production. */
export const policyPack = join(projectFolder, "policy-pack");

/** Opens the stack in the real engine, with its state in the lab's folder. */
export function openStack(lab: Lab): Promise<Engine> {
  return openEngine({
    tools: lab.tools,
    kubeconfig: lab.kubeconfig,
    folder: join(lab.folder, "engine"),
    projectFolder,
    stack: lab.stack,
    program: programOf(join(projectFolder, "index.ts")),
    config: labOverrides(lab.stack),
    policyPacks: [policyPack],
  });
}
