/** Resources of operators against the definitions of their kinds, where `LAB_CRDS` names a folder that has them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CrdProject, readDefinitions } from "../../../lab/crds.ts";
import { type OfflineResource, runOffline } from "../../../tools/offline/host.ts";
import { inTurn } from "../runs.ts";
import { schemaMistakes } from "./schema.ts";

/** Mistakes of a resource; throws for a kind that no definition has. */
export type Checker = (resource: OfflineResource) => string[];

interface Definition {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: { properties: { spec: object } } } }[];
  };
}

/** A checker for the kinds of a project; undefined where the definitions are not there, which is said aloud. */
export async function checkerOf(project: CrdProject): Promise<Checker | undefined> {
  const folder = process.env["LAB_CRDS"];
  if (folder === undefined || !existsSync(join(folder, project))) {
    console.log(`SKIPPED: resources of ${project} against their definitions, because LAB_CRDS names no folder of them`);
    return undefined;
  }
  const definitions = (await readDefinitions(project)) as unknown as Definition[];
  return ({ inputs }) => {
    const [group, version] = String(inputs["apiVersion"]).split("/");
    const found = definitions
      .find(({ spec }) => spec.group === group && spec.names.kind === inputs["kind"])
      ?.spec.versions.find((one) => one.name === version && one.served);
    if (found === undefined) throw new Error(`no definition of ${inputs["apiVersion"]} ${inputs["kind"]}`);
    return schemaMistakes(found.schema.openAPIV3Schema.properties.spec, inputs["spec"]);
  };
}

/** Resources that a part of a program makes. */
export function madeBy(make: () => void): Promise<OfflineResource[]> {
  const program = async () => {
    make();
    return {};
  };
  return inTurn(async () => (await runOffline("dev", { config: {}, program })).resources);
}

/** The one resource of a kind, or of a kind and name; as plain JSON. */
export function one<T = Record<string, unknown>>(
  resources: readonly OfflineResource[],
  kind: string,
  name?: string,
): OfflineResource & { inputs: T } {
  const found = resources.filter((resource) => {
    const metadata = resource.inputs["metadata"] as { name?: string } | undefined;
    return resource.inputs["kind"] === kind && (name === undefined || metadata?.name === name);
  });
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`want one ${kind} ${name ?? ""}, got ${found.length}`);
  return first as OfflineResource & { inputs: T };
}

/** The custom resources among them. */
export function customResources(resources: readonly OfflineResource[], group: string): OfflineResource[] {
  return resources.filter((resource) => String(resource.inputs["apiVersion"]).startsWith(`${group}/`));
}
