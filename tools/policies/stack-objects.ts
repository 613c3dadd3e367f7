/** The objects of a stack, as the offline host recorded them, for the policies. */
import { type KubeObject, toObject } from "../../policy-pack/kube/objects.ts";
import type { OfflineRun } from "../offline/host.ts";

/** Every Kubernetes object of a run; objects of one provider are those of one cluster. */
export function stackObjects(run: OfflineRun): KubeObject[] {
  return run.resources
    .map(({ type, inputs, urn, provider = "", protect, ignoreChanges }) =>
      toObject({ type, props: inputs, source: urn, cluster: provider, options: { protect, ignoreChanges } }),
    )
    .filter((object) => object !== undefined);
}
