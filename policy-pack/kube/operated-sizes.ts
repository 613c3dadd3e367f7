/** How far a custom resource tells the sizes of the pods that its operator makes, and what else the operator makes. */
import type { KubeObject } from "./objects.ts";
import { isOperated } from "./operated.ts";
import type { Field } from "./tree.ts";

/** Undefined where the object says the number by something that is not known yet. */
type Count = number | ((object: KubeObject) => number | undefined);

const eachReplica: Count = ({ root }) => {
  const replicas = root.at("spec", "replicas");
  if (replicas.absent) return 1;
  return typeof replicas.value === "number" ? replicas.value : undefined;
};

/** With the operators of topics and users, each of which has settings and a certificate. */
const kafka = (own: number): Count => {
  return ({ root }) => {
    const entity = root.at("spec", "entityOperator");
    if (entity.unknown) return undefined;
    return own + ["topicOperator", "userOperator"].filter((part) => !entity.at(part).absent).length;
  };
};

/** The Service that governs a set, unless the resource names another, which somebody else makes. */
const governing: Count = ({ root }) => {
  const name = root.at("spec", "serviceName");
  return name.unknown ? undefined : name.absent ? 1 : 0;
};

/**
 * Objects that an operator makes of one custom resource, by resource of a quota and kind. MySQL operator 26.7: the two
 * Services of servers and routers, settings of servers and exporter, three accounts. CloudNativePG 1.30: Services of the
 * writer, of followers and of all, queries of its exporter, certificates of authority, servers and replication; of a
 * Pooler its Service and its certificate. Strimzi 1.2: two Services, key and certificate of two authorities and its own,
 * settings and certificate of each broker, a password of each user. Prometheus operator 0.93: the governing Service; the
 * rules, of which half a mebibyte is in one ConfigMap; settings, assets of TLS and settings of the web server, and of a
 * Prometheus those of a Thanos sidecar, whether it has one or not, of an Alertmanager those of its cluster. The others
 * make one Secret each.
 */
const counts: Readonly<Record<string, Readonly<Record<string, Count>>>> = {
  services: {
    "mysql.oracle.com/InnoDBCluster": 2,
    "postgresql.cnpg.io/Cluster": 3,
    "postgresql.cnpg.io/Pooler": 1,
    "kafka.strimzi.io/Kafka": 2,
    "monitoring.coreos.com/Prometheus": governing,
    "monitoring.coreos.com/Alertmanager": governing,
  },
  configmaps: {
    "mysql.oracle.com/InnoDBCluster": 2,
    "postgresql.cnpg.io/Cluster": 1,
    "kafka.strimzi.io/Kafka": kafka(0),
    "kafka.strimzi.io/KafkaNodePool": eachReplica,
    "monitoring.coreos.com/Prometheus": 1,
  },
  secrets: {
    "mysql.oracle.com/InnoDBCluster": 3,
    "postgresql.cnpg.io/Cluster": 3,
    "postgresql.cnpg.io/Pooler": 1,
    "kafka.strimzi.io/Kafka": kafka(5),
    "kafka.strimzi.io/KafkaNodePool": eachReplica,
    "kafka.strimzi.io/KafkaUser": 1,
    "monitoring.coreos.com/Prometheus": 4,
    "monitoring.coreos.com/Alertmanager": 4,
    "cert-manager.io/Certificate": 1,
    "external-secrets.io/ExternalSecret": 1,
    "bitnami.com/SealedSecret": 1,
  },
  "count/horizontalpodautoscalers.autoscaling": { "keda.sh/ScaledObject": 1 },
};

/** How many of a resource the operator of an object makes; undefined where it makes some, and nobody knows how many. */
export function madeOf(object: KubeObject, resource: string): number | undefined {
  const kind = `${object.group}/${object.kind}`;
  const own = counts[resource]?.[kind];
  if (own !== undefined) return typeof own === "number" ? own : own(object);
  const known = Object.values(counts).some((kinds) => Object.hasOwn(kinds, kind));
  return isOperated(object) && !known ? undefined : 0;
}

// Containers of a server as the MySQL operator names them; `fixdatadir` unless it is told to leave the volume alone.
function serverContainers(spec: Field): string[] {
  const fixes = spec.at("datadirPermissions", "setRightsUsingInitContainer").value !== false;
  const measures = spec.at("metrics", "enable");
  const metrics = measures.value === true || measures.unknown ? ["metrics"] : [];
  return [...(fixes ? ["fixdatadir"] : []), "initconf", "initmysql", "sidecar", "mysql", ...metrics];
}

// Names of the containers of operators that lay what is written over their own.
function containerNames({ kind }: KubeObject, madeBy: KubeObject): string[] | undefined {
  if (madeBy.group === "monitoring.coreos.com") return monitoringContainers(madeBy);
  if (madeBy.kind !== "InnoDBCluster") return undefined;
  return kind === "StatefulSet" ? serverContainers(madeBy.root.at("spec")) : ["router"];
}

// As the Prometheus operator names them; its reloader has what its own flags say, but for what is laid over it.
function monitoringContainers({ kind, root }: KubeObject): string[] {
  const thanos = root.at("spec", "thanos").absent ? [] : ["thanos-sidecar"];
  return [kind.toLowerCase(), ...thanos, "config-reloader", "init-config-reloader"];
}

function isSized(container: Field): boolean {
  const resources = container.at("resources");
  if (!/^(init-)?config-reloader$/.test(container.at("name").text ?? "")) return !resources.absent;
  return ["requests", "limits"].every((side) =>
    ["cpu", "memory"].every((resource) => !resources.at(side, resource).absent),
  );
}

/**
 * The template holds every container of the pod, with its sizes. Operators lay what a custom resource says over pods of
 * their own, by the names of containers: what it leaves out is there all the same, and nobody knows how large.
 */
export function isComplete(object: KubeObject, podSpec: Field): boolean {
  const { madeBy } = object;
  if (madeBy === undefined) return true;
  const containers = ["initContainers", "containers"].flatMap((list) => podSpec.at(list).items());
  const names = containerNames(object, madeBy);
  if (names === undefined) return containers.length > 0;
  const sized = new Set(containers.filter(isSized).map((one) => one.at("name").text));
  return names.every((name) => sized.has(name));
}
