import type { Manifest } from "../../core/rule.ts";
import type { KubeObject } from "../../kube/objects.ts";

/** Annotation by which a Deployment says why it runs one pod and no second one, not even during an update. */
export const runsOnceAnnotation = "realmgrid.io/runs-once";

/** Whether the Deployment says why it is alone; a reason of blanks is none, and undefined where nobody knows it yet. */
export function runsOnce(object: KubeObject): boolean | undefined {
  const reason = object.root.at("metadata", "annotations", runsOnceAnnotation);
  if (reason.unknown) return undefined;
  return reason.text !== undefined && /\S/.test(reason.text);
}

/** The same object with that annotation. */
export function withReason(object: Manifest, reason = "two would count twice"): Manifest {
  const metadata = object["metadata"] as Manifest;
  return { ...object, metadata: { ...metadata, annotations: { [runsOnceAnnotation]: reason } } };
}
