/** Workloads that operators make of the custom resources of a run, as far as these say what they will be. */
import type { types } from "@pulumi/kubernetes";
import { nameOf, namespaceOf, toObject } from "../../policy-pack/kube/objects.ts";
import { operatedBy } from "../../policy-pack/kube/operated.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import type { PlacedObject } from "../../tools/offline/inventory.ts";
import { everything } from "./objects.ts";
import type { Workload } from "./pods.ts";

/** A workload that no manifest of the stack has. Its containers say sizes; the rest the operator writes itself. */
export interface OperatedWorkload extends Workload {
  kind: "Deployment" | "StatefulSet";
  /** The custom resource that it is made of. */
  madeBy: PlacedObject;
  replicas: number;
  /** Claims of each pod. */
  claims: types.output.core.v1.PersistentVolumeClaimSpec[];
}

interface Made {
  spec: {
    replicas: number;
    selector: { matchLabels: Record<string, string> };
    template: types.output.core.v1.PodTemplateSpec;
    volumeClaimTemplates?: { spec: types.output.core.v1.PersistentVolumeClaimSpec }[];
  };
}

function plain<T>(tree: unknown): T {
  return JSON.parse(JSON.stringify(tree));
}

/** Every workload that an operator makes, in one region or in all. */
export function operatedWorkloads(run: OfflineRun, region?: string): OperatedWorkload[] {
  return everything(run)
    .filter((one) => region === undefined || one.region === region)
    .flatMap((madeBy) => {
      const { type, inputs, urn } = madeBy.resource;
      const object = toObject({ type, props: inputs, source: urn, cluster: madeBy.region });
      return (object === undefined ? [] : operatedBy(object)).map((made): OperatedWorkload => {
        const { spec } = plain<Made>(made.root.value);
        if (made.kind !== "Deployment" && made.kind !== "StatefulSet")
          throw new Error(`an operator makes ${made.kind}`);
        return {
          region: madeBy.region,
          kind: made.kind,
          name: nameOf(made) ?? "",
          namespace: namespaceOf(made) ?? "",
          selector: spec.selector.matchLabels,
          labels: spec.template.metadata.labels ?? {},
          annotations: spec.template.metadata.annotations ?? {},
          spec: spec.template.spec,
          madeBy,
          replicas: spec.replicas,
          claims: (spec.volumeClaimTemplates ?? []).map((claim) => claim.spec),
        };
      });
    });
}
