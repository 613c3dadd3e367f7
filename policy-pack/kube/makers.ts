/** Objects that bring other objects which no rule sees: Helm releases, and custom resources that an operator turns into pods. */
import { type KubeObject, namespaceOf } from "./objects.ts";
import { isOperated } from "./operated.ts";
import { podTemplates } from "./pods.ts";

// Groups whose objects never become pods: they scale, route, guard, issue, copy or watch.
const podlessGroups =
  /(^|\.)(k8s\.io|keda\.sh|cert-manager\.io|external-secrets\.io|istio\.io|cilium\.io|projectcalico\.org|kyverno\.io|gatekeeper\.sh|traefik\.io)$/;

// Kinds without pods in groups whose other kinds have some.
const podlessKinds = new Set([
  "ServiceMonitor",
  "PodMonitor",
  "PrometheusRule",
  "Probe",
  "ScrapeConfig",
  "ScheduledBackup",
  "Backup",
  "KafkaTopic",
  "KafkaUser",
  "FleetAutoscaler",
  "AnalysisTemplate",
]);

// Kinds that bring whatever they are told to, wherever they are told to.
const deliverers = new Set(["HelmRelease", "HelmChart", "Kustomization", "Application", "ApplicationSet"]);

interface Makers {
  anywhere: KubeObject[];
  byNamespace: Map<string, KubeObject[]>;
}

function build(objects: readonly KubeObject[]): Makers {
  const makers: Makers = { anywhere: [], byNamespace: new Map() };
  for (const object of objects) {
    const release = object.kind === "Release" && object.group === "helm.sh";
    const custom = object.group.includes(".") && !podlessGroups.test(object.group) && !podlessKinds.has(object.kind);
    if (isOperated(object) || (!release && (!custom || podTemplates(object).length > 0))) continue;
    const namespace = namespaceOf(object);
    if (namespace === undefined || deliverers.has(object.kind)) makers.anywhere.push(object);
    else push(makers.byNamespace, namespace, object);
  }
  return makers;
}

function push(map: Map<string, KubeObject[]>, key: string, object: KubeObject): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [object]);
  else known.push(object);
}

const built = new WeakMap<readonly KubeObject[], Makers>();

/**
 * Objects of a stack that may bring unseen ones into a namespace; into any namespace when it is undefined. A chart is
 * taken to stay in the namespace of its release.
 */
export function makersIn(objects: readonly KubeObject[], namespace: string | undefined): readonly KubeObject[] {
  const { anywhere, byNamespace } = built.get(objects) ?? build(objects);
  built.set(objects, { anywhere, byNamespace });
  if (namespace === undefined) return [...anywhere, ...[...byNamespace.values()].flat()];
  const near = byNamespace.get(namespace) ?? [];
  return anywhere.length === 0 ? near : [...anywhere, ...near];
}
