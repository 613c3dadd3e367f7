/** A small program with one of each kind that matters: what the lab's scenarios are tried on without the platform. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};
const podSecurity = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } };
const resources = { requests: { cpu: "1000m", memory: "1024Mi" }, limits: { cpu: "2000m", memory: "1Gi" } };

/** Creates the resources; the result are the outputs of the stack. */
export default async function program(): Promise<Record<string, unknown>> {
  const config = new pulumi.Config("sample");
  const cluster = config.requireObject<{ context: string; namespaces: string[] }>("cluster");
  const worlds = config.requireObject<{ count: number; motd: string }>("worlds");
  const provider = new k8s.Provider("alpha", {
    context: cluster.context,
    clusterIdentifier: cluster.context,
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  });
  new k8s.storage.v1.StorageClass(
    "disk",
    {
      metadata: { name: "sample-disk" },
      provisioner: "disk.sample.example",
      volumeBindingMode: "WaitForFirstConsumer",
    },
    { provider },
  );
  for (const namespace of cluster.namespaces) createNamespace(namespace, worlds, provider, config);
  return { namespaces: cluster.namespaces };
}

function createNamespace(
  namespace: string,
  worlds: { count: number; motd: string },
  provider: k8s.Provider,
  config: pulumi.Config,
): void {
  const own = new k8s.core.v1.Namespace(
    namespace,
    { metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
    { provider },
  );
  const options = { provider, parent: own, dependsOn: own };
  const metadata = (name: string, labels: Record<string, string> = {}) => ({
    ...{ name, namespace, labels },
    annotations: { "pulumi.com/timeoutSeconds": "60" },
  });
  const name = (suffix: string) => `${namespace}-${suffix}`;
  new k8s.core.v1.ResourceQuota(
    name("quota"),
    { metadata: metadata("quota"), spec: { hard: { "requests.cpu": "400", "requests.memory": "640Gi", pods: "400" } } },
    options,
  );
  new k8s.core.v1.ConfigMap(name("settings"), { metadata: metadata("settings"), data: { motd: worlds.motd } }, options);
  const password = new random.RandomPassword(name("password"), { length: 24, special: false }, { parent: own });
  new k8s.core.v1.Secret(
    name("credentials"),
    {
      metadata: metadata("credentials"),
      stringData: { password: password.result, token: config.get("token") ?? "first" },
    },
    options,
  );
  const container = (app: string) => ({
    name: app,
    image: `registry.example/${app}:1`,
    resources,
    securityContext: restricted,
    env: [{ name: "PASSWORD", valueFrom: { secretKeyRef: { name: "credentials", key: "password" } } }],
    ports: [{ name: "http", containerPort: 8080 }],
  });
  const worldLabels = { app: "world" };
  new k8s.core.v1.Service(
    name("world"),
    {
      metadata: metadata("world"),
      spec: { clusterIP: "None", selector: worldLabels, ports: [{ port: 8080, targetPort: "http" }] },
    },
    options,
  );
  new k8s.apps.v1.StatefulSet(
    name("worlds"),
    {
      metadata: metadata("world", worldLabels),
      spec: {
        replicas: worlds.count,
        serviceName: "world",
        podManagementPolicy: "Parallel",
        selector: { matchLabels: worldLabels },
        template: {
          metadata: { labels: worldLabels },
          spec: { securityContext: podSecurity, containers: [container("world")] },
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: "sample-disk",
              resources: { requests: { storage: "1024Mi" } },
            },
          },
        ],
      },
    },
    options,
  );
  const gatewayLabels = { app: "gateway" };
  new k8s.apps.v1.Deployment(
    name("gateway"),
    {
      metadata: metadata("gateway", gatewayLabels),
      spec: {
        // No replicas: an autoscaler owns them.
        selector: { matchLabels: gatewayLabels },
        template: {
          metadata: { labels: gatewayLabels },
          spec: { securityContext: podSecurity, containers: [container("gateway")] },
        },
      },
    },
    options,
  );
  new k8s.apps.v1.Deployment(
    name("lobby"),
    {
      metadata: metadata("lobby"),
      spec: {
        replicas: config.requireNumber("gatewayReplicas"),
        selector: { matchLabels: { app: "lobby" } },
        template: {
          metadata: { labels: { app: "lobby" } },
          spec: { securityContext: podSecurity, containers: [container("lobby")] },
        },
      },
    },
    options,
  );
  new k8s.core.v1.Service(
    name("gateway-service"),
    {
      metadata: metadata("gateway"),
      spec: { selector: gatewayLabels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
    options,
  );
  new k8s.policy.v1.PodDisruptionBudget(
    name("budget"),
    { metadata: metadata("world"), spec: { maxUnavailable: 1, selector: { matchLabels: worldLabels } } },
    options,
  );
  new k8s.networking.v1.NetworkPolicy(
    name("deny"),
    { metadata: metadata("deny"), spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
    options,
  );
}
