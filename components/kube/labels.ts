/** Labels and annotations. The selector set is a subset that never changes: selectors are immutable. */

/** What identifies the pods of one workload for good: never a version, never an environment. */
export type SelectorLabels = Readonly<Record<string, string>> & { readonly app: string };

/** Prefix of every label and annotation that is this project's own. */
export const domain = "realmgrid.io";

/** Annotation that rolls pods when a ConfigMap or a generation number of secrets changes. */
export const checksumAnnotation = `${domain}/config-checksum`;

/** Annotation with the hardening exceptions of a pod as JSON, read by policies and people. */
export const exceptionsAnnotation = `${domain}/security-exceptions`;

/** Annotation of a DaemonSet with the most nodes that it runs on, as text: no manifest says how many nodes there are. */
export const maximumNodesAnnotation = `${domain}/maximum-nodes`;

/** Annotation that says why a Deployment runs one pod and no second one, not even during an update. */
export const runsOnceAnnotation = `${domain}/runs-once`;

/**
 * Annotation that names what a pod refers to and the program does not make, so that a name that is merely wrong is still
 * found: the user's own Secrets, or what a job makes while it runs.
 */
export function madeElsewhere(
  names: Partial<Record<"Secret" | "ConfigMap" | "PersistentVolumeClaim", readonly string[]>>,
): Record<string, string> {
  const references = Object.entries(names).flatMap(([kind, list]) => list.map((name) => `${kind}/${name}`));
  return references.length === 0 ? {} : { [`${domain}/made-elsewhere`]: references.join(" ") };
}

/** Selector labels plus the recommended ones (kubernetes.io "Recommended Labels"). */
export function labels(selector: SelectorLabels, about: { component: string; partOf: string }): Record<string, string> {
  return {
    ...selector,
    "app.kubernetes.io/name": selector.app,
    "app.kubernetes.io/component": about.component,
    "app.kubernetes.io/part-of": about.partOf,
    "app.kubernetes.io/managed-by": "realmgrid",
  };
}
