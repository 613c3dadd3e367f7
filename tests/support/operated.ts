/** Workloads that operators make of the custom resources of a run, as far as these say what they will be. */
import type { types } from "@pulumi/kubernetes";
import { nameOf, namespaceOf, toObject } from "../../policy-pack/kube/objects.ts";
import { operatedBy } from "../../policy-pack/kube/operated.ts";
import type { OfflineRun } from "../../tools/offline/host.ts";
import type { PlacedObject } from "../../tools/offline/inventory.ts";
import { everything } from "./objects.ts";
import type { Labels, Workload } from "./pods.ts";

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

/**
 * True of a workload whose pods are known as a whole. Only a resource of MySQL has the specification of its pods.
 * CloudNativePG and Strimzi write theirs themselves, from own fields: containers, sizes and labels are known of
 * them as a workload, and of poolers a template that the operator completes. What their resources say besides is in
 * `toldPods`, in tests/data/postgres-cluster.test.ts and in tests/data/kafka-cluster.test.ts.
 */
export function isWhollyKnown({ madeBy }: OperatedWorkload): boolean {
  return madeBy.kind === "InnoDBCluster";
}

/** Those of the workloads that `isWhollyKnown` is true of. Throws when there are none. */
export function whollyKnown(workloads: readonly OperatedWorkload[]): OperatedWorkload[] {
  const found = workloads.filter(isWhollyKnown);
  if (found.length === 0) throw new Error("no workload is made of an InnoDBCluster");
  return found;
}

/**
 * Workloads of the Prometheus operator, which hands on what its resources say of pods, and writes programs, probes and
 * mounts itself. Throws when there are none.
 */
export function ofPrometheusOperator(workloads: readonly OperatedWorkload[]): OperatedWorkload[] {
  const found = workloads.filter(({ madeBy }) => madeBy.kind === "Prometheus" || madeBy.kind === "Alertmanager");
  if (found.length === 0) throw new Error("no workload is made of a Prometheus or an Alertmanager");
  return found;
}

/** What a resource of CloudNativePG or Strimzi tells its operator of pods. */
export interface ToldPods {
  region: string;
  namespace: string;
  /** Kind and name of the resource. */
  name: string;
  labels: Labels;
  annotations: Labels;
  priorityClassName: string;
  tolerations: types.output.core.v1.Toleration[];
  topologySpreadConstraints: types.output.core.v1.TopologySpreadConstraint[];
  /** Absent for servers of PostgreSQL, whose pods are the operator's and have no such field. */
  enableServiceLinks?: boolean;
  /** Values of the label of pools that nodes must have; empty where any node will do. */
  pools: string[];
}

interface PodPart {
  metadata: { labels: Labels; annotations: Labels };
  priorityClassName: string;
  enableServiceLinks: boolean;
  affinity: types.output.core.v1.Affinity;
  tolerations: types.output.core.v1.Toleration[];
  topologySpreadConstraints: types.output.core.v1.TopologySpreadConstraint[];
}

interface ServersPart extends Omit<PodPart, "metadata" | "affinity" | "enableServiceLinks"> {
  inheritedMetadata: PodPart["metadata"];
  affinity: { nodeSelector?: Labels; tolerations: PodPart["tolerations"] };
}

type Told = Omit<ToldPods, "region" | "namespace" | "name">;

function toldOf({ metadata, affinity, ...part }: PodPart): Told {
  const { nodeAffinity } = affinity as Partial<typeof affinity>;
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const pools = terms.flatMap((term) => term.matchExpressions.flatMap((one) => one.values));
  const { priorityClassName, tolerations, topologySpreadConstraints, enableServiceLinks } = part;
  return { ...metadata, priorityClassName, tolerations, topologySpreadConstraints, enableServiceLinks, pools };
}

function toldOfServers({ inheritedMetadata, affinity, ...part }: ServersPart): Told {
  const { priorityClassName, topologySpreadConstraints } = part;
  const { tolerations, nodeSelector = {} } = affinity;
  return {
    ...inheritedMetadata,
    priorityClassName,
    tolerations,
    topologySpreadConstraints,
    pools: Object.values(nodeSelector),
  };
}

// By kind, where a resource keeps what it says of pods.
const tellers: Readonly<Record<string, (spec: unknown) => Told>> = {
  Cluster: (spec) => toldOfServers(spec as ServersPart),
  Pooler: (spec) => {
    const { template } = spec as { template: { metadata: PodPart["metadata"]; spec: Omit<PodPart, "metadata"> } };
    return toldOf({ ...template.spec, metadata: template.metadata });
  },
  KafkaNodePool: (spec) => toldOf((spec as { template: { pod: PodPart } }).template.pod),
  Kafka: (spec) => toldOf((spec as { entityOperator: { template: { pod: PodPart } } }).entityOperator.template.pod),
};

/** What every resource of CloudNativePG and Strimzi says of its pods. */
export function toldPods(run: OfflineRun, region?: string): ToldPods[] {
  const found = everything(run)
    .filter((one) => region === undefined || one.region === region)
    .flatMap(({ kind, name, namespace, resource, ...place }) => {
      const tell = tellers[kind];
      const told = tell?.(plain(resource.inputs["spec"]));
      return told === undefined ? [] : [{ region: place.region, namespace, name: `${kind} ${name}`, ...told }];
    });
  if (found.length < 4 && region === undefined) throw new Error("want servers, poolers, brokers and their operator");
  return found;
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
