/** GuardedNamespace: a namespace in which nothing runs unlimited, unhardened or reachable by accident. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { limitRange, type QuotaLine, quotaHard } from "../capacity/quota.ts";
import { formatBytes } from "../kube/quantities.ts";
import { exceptionAnnotations, type SecurityException } from "../kube/security.ts";
import { namespaceLabel } from "./network-policies.ts";

/** Arguments of `GuardedNamespace`. */
export interface GuardedNamespaceArgs {
  /** Name of the namespace. */
  namespace: string;
  /** Label `environment`; none when absent. */
  environment?: string;
  /** Pod Security profile that is enforced; `privileged` is for agents of nodes alone. */
  podSecurity: "restricted" | "baseline" | "privileged";
  /** Version of the Pod Security profile, as in "1.36". */
  kubernetesVersion: string;
  /** What the namespace may use in all. */
  quota: readonly QuotaLine[];
  /** Largest volume that a claim may ask for, in bytes. */
  largestClaim: number;
  /** Refuses to delete the namespace. */
  protectData: boolean;
}

const agentsException: SecurityException = {
  allow: "node-agents",
  because: "agents read logs and measurements of their node, which the other profiles forbid",
  until: "2027-12-31",
};

/** Namespace, Pod Security labels, ResourceQuota, LimitRange, default deny both ways, DNS. */
export class GuardedNamespace extends pulumi.ComponentResource {
  constructor(name: string, args: GuardedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("realmgrid:cluster:GuardedNamespace", name, {}, opts);
    const { namespace, podSecurity } = args;
    const labels = { "app.kubernetes.io/managed-by": "realmgrid" };
    const child = { parent: this };
    const space = new k8s.core.v1.Namespace(
      name,
      {
        metadata: {
          name: namespace,
          ...(podSecurity === "privileged" ? { annotations: exceptionAnnotations([agentsException]) } : {}),
          labels: {
            ...labels,
            ...(args.environment === undefined ? {} : { environment: args.environment }),
            ...Object.fromEntries(
              ["enforce", "audit", "warn"].flatMap((mode) => [
                [`pod-security.kubernetes.io/${mode}`, podSecurity],
                [`pod-security.kubernetes.io/${mode}-version`, `v${args.kubernetesVersion}`],
              ]),
            ),
          },
        },
      },
      { ...child, protect: args.protectData, retainOnDelete: args.protectData },
    );
    // Names are plain, so the order has to be said: nothing can be created in a namespace that is not there.
    const inside = { ...child, dependsOn: [space] };
    new k8s.core.v1.ResourceQuota(
      `${name}-quota`,
      { metadata: { name: `${namespace}-quota`, namespace, labels }, spec: { hard: quotaHard(args.quota) } },
      inside,
    );
    new k8s.core.v1.LimitRange(
      `${name}-limits`,
      {
        metadata: { name: `${namespace}-limits`, namespace, labels },
        spec: {
          limits: [
            { type: "Container", ...limitRange.container },
            { type: "Pod", ...limitRange.pod },
            {
              type: "PersistentVolumeClaim",
              max: { storage: formatBytes(args.largestClaim) },
              min: { storage: limitRange.claim.min },
            },
          ],
        },
      },
      inside,
    );
    new k8s.networking.v1.NetworkPolicy(
      `${name}-default-deny`,
      {
        metadata: { name: "default-deny", namespace, labels },
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      },
      inside,
    );
    new k8s.networking.v1.NetworkPolicy(
      `${name}-allow-dns`,
      {
        metadata: { name: "allow-dns", namespace, labels },
        spec: {
          podSelector: {},
          policyTypes: ["Egress"],
          egress: [
            {
              to: [{ ...namespaceLabel("kube-system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
              // TCP too: an answer with many pods does not fit a UDP packet.
              ports: [
                { protocol: "UDP", port: 53 },
                { protocol: "TCP", port: 53 },
              ],
            },
          ],
        },
      },
      inside,
    );
    this.registerOutputs({});
  }
}
