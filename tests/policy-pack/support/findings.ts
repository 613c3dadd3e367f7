/** Rules run on plain manifests, for tests. */
import { configure, evaluate } from "../../../policy-pack/core/evaluate.ts";
import type { Finding } from "../../../policy-pack/core/finding.ts";
import type { Family, Manifest } from "../../../policy-pack/core/rule.ts";
import { type KubeObject, type ObjectInput, toObject } from "../../../policy-pack/kube/objects.ts";

/** The day on which all cases are judged. */
export const today = "2026-06-30";

/** A case's resource as the engine hands it over, where options or a `*Patch` matter. */
function isResource(manifest: Manifest): manifest is Manifest & Omit<ObjectInput, "source"> {
  return typeof manifest["type"] === "string" && manifest["type"].startsWith("kubernetes:") && "props" in manifest;
}

/** Manifests, or `{ type, props, options, cluster }`, as objects; each has its place in the list as its source. */
export function objectsOf(manifests: readonly Manifest[]): KubeObject[] {
  return manifests.map((props, index) => {
    const object = toObject({ ...(isResource(props) ? props : { props }), source: `#${index}` });
    if (object === undefined) throw new Error(`manifest ${index} is no object`);
    return object;
  });
}

/** What a family says about manifests. Throws for settings that it does not accept. */
export function findingsOf(family: Family, manifests: readonly Manifest[], settings: object = {}): Finding[] {
  const { configured, mistakes } = configure(family, settings, today);
  if (mistakes.length > 0) throw new Error(mistakes.join("\n"));
  return evaluate([configured], objectsOf(manifests));
}

/** `rule path verdict`, sorted: what a case is compared by. */
export function keys(findings: readonly Finding[]): string[] {
  return findings.map(({ rule, path, verdict }) => `${rule} ${path} ${verdict}`).sort();
}
