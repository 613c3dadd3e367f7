/** Settings of the family `quota`. */
import type { Property, Schema } from "../../core/settings.ts";
import type { DemandSettings } from "../../kube/namespace-demand.ts";

/** What quotas have to hold, and what the stack cannot say itself. */
export interface QuotaSettings extends DemandSettings {
  /** Resources that the quota of a namespace with pods has to bound. */
  required: readonly string[];
  /** Namespaces that belong to the cluster, and so have no quota of the stack. */
  systemNamespaces: readonly string[];
  /** Percent of each quota that the peak should leave free; 0 asks for none. */
  roomPercent: number;
  /** What all quotas of a cluster may grant together, by resource. */
  budget: Readonly<Record<string, string>>;
}

const quantity: Property = { type: "string", description: "A quantity, as 500m or 2Gi." };
const quantities = (description: string): Property => ({
  type: "object",
  description,
  additionalProperties: quantity,
});

/** The settings and their defaults. */
export const quotaSchema: Schema<QuotaSettings> = {
  nodes: {
    type: "integer",
    description: "Nodes that a DaemonSet runs on at most; 0 leaves it to each one's realmgrid.io/maximum-nodes.",
    minimum: 0,
    default: 0,
  },
  injected: {
    type: "array",
    description: "Containers that others put into each pod of some kinds, such as the SDK server of Agones.",
    items: {
      type: "object",
      description: "What they add to a pod.",
      properties: {
        kinds: {
          type: "array",
          description: "Kinds of the objects.",
          items: { type: "string", description: "A kind." },
        },
        requests: quantities("Requests by resource."),
        limits: quantities("Limits by resource."),
      },
      required: ["kinds", "requests", "limits"],
    },
    // Agones, chart value agones.image.sdk.cpuRequest; it sets no limit and no memory.
    default: [{ kinds: ["Fleet", "GameServer"], requests: { cpu: "30m" }, limits: {} }],
  },
  reserves: {
    type: "array",
    description: "Room in a namespace for what no rule sees: Helm releases, objects of operators.",
    items: {
      type: "object",
      description: "One reserve.",
      properties: {
        namespace: { type: "string", description: "Namespace." },
        name: { type: "string", description: "Name of the release or object that needs it." },
        hard: quantities("Needs by resource, as in a ResourceQuota."),
      },
      required: ["namespace", "name", "hard"],
    },
    default: [],
  },
  required: {
    type: "array",
    description: "Resources that the quota of a namespace with pods bounds.",
    items: { type: "string", description: "A resource, as in a ResourceQuota." },
    default: ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "pods"],
  },
  systemNamespaces: {
    type: "array",
    description: "Namespaces of the cluster itself, in which no quota and no limit range is asked for.",
    items: { type: "string", description: "A namespace." },
    default: ["kube-system", "kube-public", "kube-node-lease"],
  },
  roomPercent: {
    type: "number",
    description: "Percent of each quota that the peak leaves free; 0 asks for none.",
    minimum: 0,
    default: 0,
  },
  budget: {
    ...quantities("What all quotas of a cluster grant together at most, by resource."),
    type: "object",
    default: {},
  },
};
