/** The cases of all rules of all families, as objects to spoil. */
import { type ConfiguredFamily, configure, evaluate } from "../../../policy-pack/core/evaluate.ts";
import type { Finding } from "../../../policy-pack/core/finding.ts";
import type { Family, Manifest, Rule } from "../../../policy-pack/core/rule.ts";
import { type KubeObject, type ObjectInput, toObject } from "../../../policy-pack/kube/objects.ts";
import { families } from "../../../policy-pack/rules/families.ts";
import { today } from "./findings.ts";

/** What the engine hands over for an object, without its place. */
export type Resource = Omit<ObjectInput, "source">;

/** A case of a rule. */
export interface CorpusCase {
  /** Family, rule and name, for people. */
  name: string;
  family: Family;
  settings: object;
  resources: readonly Resource[];
}

// A kind stays what it is, whatever becomes of the object: so it must stand beside it.
function resourceOf(manifest: Manifest): Resource {
  const { type, props } = manifest;
  if (typeof type === "string" && props !== undefined) return manifest as unknown as Resource;
  const [apiVersion, kind] = [String(manifest["apiVersion"] ?? "v1"), String(manifest["kind"])];
  return {
    type: `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`,
    props: manifest,
  };
}

/** Every case of every rule. */
export const corpus: readonly CorpusCase[] = families.flatMap((family) =>
  (family.rules as readonly Rule[]).flatMap((rule) =>
    [...rule.good, ...rule.bad].map(({ name, objects, settings = {} }) => ({
      name: `${family.name}/${rule.id}: ${name}`,
      family,
      settings,
      resources: objects.map(resourceOf),
    })),
  ),
);

/** Resources as rules see them; what is no object is left out. */
export function objectsFrom(resources: readonly Resource[]): KubeObject[] {
  return resources
    .map((resource, index) => toObject({ ...resource, source: `#${index}` }))
    .filter((object) => object !== undefined);
}

/** Every family as it is without settings. */
export const asShipped: readonly ConfiguredFamily[] = families.map((family) => configure(family, {}, today).configured);

/** What the whole pack says, with the settings of a case where they are its own. */
export function packFindings(resources: readonly Resource[], own?: CorpusCase): Finding[] {
  const configured = asShipped.map((one) =>
    one.family === own?.family ? configure(own.family, own.settings, today).configured : one,
  );
  return evaluate(configured, objectsFrom(resources));
}
