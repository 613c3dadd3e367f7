/** What objects of a run refer to by name, and whether it is there. */
import type { OfflineRun } from "../../tools/offline/host.ts";
import { everything } from "./objects.ts";
import { type OperatedWorkload, operatedWorkloads, toldPods } from "./operated.ts";
import { containersOf, type Template, templates, type Workload } from "./pods.ts";

/** An object by its name. */
export interface Reference {
  kind: string;
  /** Absent for kinds that no namespace holds. */
  namespace?: string;
  name: string;
}

/** A reference, or an object that one may mean, as one text: `Secret mmorpg-game/redis-backup`. */
function textOf({ kind, namespace = "", name }: Reference): string {
  return `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
}

/** The Service that a name of the cluster's DNS stands for: `service`, `service.namespace`, `service.namespace.svc`. */
export function serviceOf(host: string, own: string): Reference {
  const [name = "", namespace = own] = host.split(".");
  return { kind: "Service", namespace, name };
}

function hosts(template: Workload): Reference[] {
  const service = (host: string) => serviceOf(host, template.namespace);
  return containersOf(template).flatMap((container) =>
    (container.env ?? []).flatMap(({ name, value, valueFrom }) => {
      // An address with a login is a key of a Secret; where that leads is looked at with the keys.
      if (valueFrom !== undefined || value === undefined) return [];
      if (name.endsWith("_URL")) return [service(new URL(value).hostname)];
      // Names of pods, each below its Service.
      if (name === "PEERS") return value.split(" ").map((host) => service(host.split(".").slice(1).join(".")));
      // Host and port, with nothing before them.
      if (name.endsWith("_BROKERS")) return value.split(",").map((one) => service(one.replace(/:\d+$/, "")));
      return /(_HOST|_PEERS|^SERVICE)$/.test(name) ? [service(value)] : [];
    }),
  );
}

/** Kinds of CloudNativePG and Strimzi, whose pods are known by what `toldPods` reads. */
const tellers = ["Cluster", "Pooler", "Kafka", "KafkaNodePool"];

function references(template: Workload | OperatedWorkload): Reference[] {
  const { spec, namespace } = template;
  const ref = (kind: string, name: unknown): Reference[] => [{ kind, namespace, name: String(name) }];
  return [
    ...(spec.serviceAccountName === undefined ? [] : ref("ServiceAccount", spec.serviceAccountName)),
    // Of pods that an operator writes itself, the class is among `ofResources`.
    ...("madeBy" in template && tellers.includes(template.madeBy.kind)
      ? []
      : [{ kind: "PriorityClass", name: String(spec.priorityClassName) }]),
    ...(spec.volumes ?? []).flatMap((one) => (one.configMap ? ref("ConfigMap", one.configMap.name) : [])),
    ...(spec.volumes ?? []).flatMap((one) => (one.secret ? ref("Secret", one.secret.secretName) : [])),
    ...(spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
      claim ? ref("PersistentVolumeClaim", claim.claimName) : [],
    ),
    ...(spec.volumes ?? []).flatMap((one) =>
      (one.projected?.sources ?? []).flatMap(({ secret, configMap }) => [
        ...(secret ? ref("Secret", secret.name) : []),
        ...(configMap ? ref("ConfigMap", configMap.name) : []),
      ]),
    ),
    ...containersOf(template).flatMap((container) => [
      ...(container.envFrom ?? []).flatMap((one) => [
        ...(one.configMapRef ? ref("ConfigMap", one.configMapRef.name) : []),
        ...(one.secretRef ? ref("Secret", one.secretRef.name) : []),
      ]),
      ...(container.env ?? []).flatMap(({ valueFrom }) => [
        ...(valueFrom?.secretKeyRef ? ref("Secret", valueFrom.secretKeyRef.name) : []),
        ...(valueFrom?.configMapKeyRef ? ref("ConfigMap", valueFrom.configMapKeyRef.name) : []),
      ]),
    ]),
    ...hosts(template),
  ];
}

/** The parts of custom resources that name other objects. */
interface Naming {
  metadata: { labels?: Record<string, string> };
  spec: {
    secretName: string;
    bootstrap: { initdb: { secret: { name: string } } };
    managed: { roles: { passwordSecret: { name: string } }[] };
    cluster: { name: string };
    authentication: { password: { valueFrom: { secretKeyRef: { name: string; key: string } } } };
    alerting: { alertmanagers: { namespace: string; name: string }[] };
    configSecret: string;
    namespaceSelector: { matchNames: string[] };
  };
  roleRef: { kind: string; name: string };
  subjects: { kind: string; namespace: string; name: string }[];
}

/** What a resource says, as the parts that name others. */
export function namingOf(object: { resource: { inputs: unknown } }): Naming {
  return object.resource.inputs as Naming;
}

/** What the resources of operators name: administrators, users, and the cluster that a part belongs to. */
function ofResources(run: OfflineRun, region: string): Reference[] {
  const named = everything(run)
    .filter((one) => one.region === region)
    .flatMap((object): Reference[] => {
      const { namespace } = object;
      const { metadata, spec, roleRef, subjects } = namingOf(object);
      const secrets = (...names: string[]) => names.map((name) => ({ kind: "Secret", namespace, name }));
      const kafka = { kind: "Kafka", namespace, name: String(metadata.labels?.["strimzi.io/cluster"]) };
      switch (object.kind) {
        case "InnoDBCluster":
          return secrets(spec.secretName);
        case "Cluster":
          return secrets(
            spec.bootstrap.initdb.secret.name,
            ...spec.managed.roles.map((role) => role.passwordSecret.name),
          );
        case "Pooler":
          return [{ kind: "Cluster", namespace, name: spec.cluster.name }];
        case "KafkaUser":
          return [kafka, ...secrets(spec.authentication.password.valueFrom.secretKeyRef.name)];
        case "KafkaNodePool":
        case "KafkaTopic":
          return [kafka];
        case "Prometheus":
          return spec.alerting.alertmanagers.map((one) => ({ kind: "Service", ...one }));
        case "Alertmanager":
          return secrets(spec.configSecret);
        case "PodMonitor":
          return spec.namespaceSelector.matchNames.map((name) => ({ kind: "Namespace", name }));
        case "ClusterRoleBinding":
          return [roleRef, ...subjects];
        default:
          return [];
      }
    });
  const classes = toldPods(run, region).map((one) => ({ kind: "PriorityClass", name: one.priorityClassName }));
  return [...named, ...classes];
}

// Services that an operator makes of a resource, by the resource's name.
const madeServices: Readonly<Record<string, (name: string) => readonly string[]>> = {
  Cluster: (name) => ["-rw", "-ro", "-r"].map((suffix) => `${name}${suffix}`),
  Pooler: (name) => [name],
  Kafka: (name) => ["-kafka-bootstrap", "-kafka-brokers"].map((suffix) => `${name}${suffix}`),
  // One for all of a namespace, which governs their StatefulSets.
  Prometheus: () => ["prometheus-operated"],
  Alertmanager: () => ["alertmanager-operated"],
};

/** Services by the names of the cluster's DNS, wherever in an object they stand: in settings, queries, certificates. */
function inTexts(run: OfflineRun, region: string): Reference[] {
  return everything(run)
    .filter((one) => one.region === region)
    .flatMap(({ resource }) =>
      [...JSON.stringify(resource.inputs).matchAll(/([a-z0-9][a-z0-9-]*)\.([a-z0-9-]+)\.svc\b/g)].map(
        ([, name = "", namespace = ""]) => ({ kind: "Service", namespace, name }),
      ),
    );
}

/** What objects of a region name and nobody makes, as `Secret mmorpg-game/redis-backup`. */
export function unresolved(run: OfflineRun, region: string): string[] {
  const there = new Set(
    everything(run)
      .filter((one) => one.region === region)
      .flatMap((one) => [
        textOf(one),
        ...(madeServices[one.kind]?.(one.name) ?? []).map((name) =>
          textOf({ kind: "Service", namespace: one.namespace, name }),
        ),
      ]),
  );
  // What a job, or a pod, says that somebody else makes, by kind and name.
  const elsewhere = (pods: Template | OperatedWorkload) =>
    ["owner" in pods ? pods.owner.object.metadata.annotations : {}, pods.annotations].flatMap(
      (one) => one?.["realmgrid.io/made-elsewhere"]?.split(" ") ?? [],
    );
  const ofPods = [...templates(run, region), ...operatedWorkloads(run, region)].flatMap((pods) =>
    references(pods).filter(({ kind, name }) => !elsewhere(pods).includes(`${kind}/${name}`)),
  );
  return [...ofPods, ...ofResources(run, region), ...inTexts(run, region)].map(textOf).filter((one) => !there.has(one));
}
