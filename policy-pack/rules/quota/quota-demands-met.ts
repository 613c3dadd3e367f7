import type { ClusterRule } from "../../core/rule.ts";
import { byNamespace, namespaceDemand, ofCoreKind } from "../../kube/namespace-demand.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { Size } from "../../kube/pod-resources.ts";
import { quotaKey } from "../../kube/quota-need.ts";
import { countsPods } from "../../kube/quota-scopes.ts";
import type { Answer } from "../../kube/selectors.ts";
import { unknown } from "../../kube/tree.ts";
import { container, deployment, limitRange, named, namespace, quota, sound } from "./cases.ts";
import type { QuotaSettings } from "./settings.ts";

/** Of these alone a quota asks every container to say something (upstream: "a mistake" that stays as it is). */
const demanded = /^(requests|limits)\.(cpu|memory)$/;

function demandsOf(quota: KubeObject): string[] {
  return quota.root
    .at("spec", "hard")
    .entries()
    .filter(([, value]) => !value.absent)
    .map(([key]) => quotaKey(key))
    .filter((key) => demanded.test(key));
}

// The strongest answer: one quota that counts the pod is enough.
function either(one: Answer, other: Answer): Answer {
  if (one === true || other === true) return true;
  return one === undefined || other === undefined ? undefined : false;
}

// Limit ranges without defaults for containers: then every container has to say its sizes itself.
const plain = { ...limitRange(), spec: { limits: [{ type: "Pod", max: { cpu: "2", memory: "2Gi" } }] } };

/** What a quota asks of each container: a quota on CPU or memory turns "not set" into "refused". */
export const quotaDemandsMet: ClusterRule<QuotaSettings> = {
  id: "quota-demands-met",
  subject: "cluster",
  level: "mandatory",
  title: "Where a quota bounds CPU or memory, every container and init container says how much it takes.",
  why: "Such a quota refuses every pod of which one container leaves it out: the workload never gets a pod.",
  fix: "set the request or limit of the container, or a default in the namespace's LimitRange",
  check(cluster, report, settings) {
    for (const [name, objects] of byNamespace(cluster)) {
      if (name === undefined || ofCoreKind(objects, "ResourceQuota").length === 0) continue;
      const { quotas, workloads } = namespaceDemand(cluster, name, settings);
      for (const workload of workloads) {
        const { object, bare } = workload;
        if (bare.podLevel === true || object.partial) continue;
        const demands = new Map<string, Answer>();
        for (const quota of quotas) {
          const counts = countsPods(quota, workload, {});
          for (const key of demandsOf(quota)) demands.set(key, either(counts, demands.get(key) ?? false));
        }
        for (const [key, counts] of demands) {
          const [, side = "", resource = ""] = demanded.exec(key) ?? [];
          for (const size of bare.containers) {
            const list = size[side as keyof Size];
            if (counts === false || list.amounts.has(resource)) continue;
            const at = {
              object,
              container: size.container,
              field: size.container.field.at("resources", side, resource),
            };
            const sure = counts === true && !list.open && bare.podLevel === false;
            if (sure) report.violated(at, `is not set, and a quota bounds ${key}`);
            else report.undecidable(at);
          }
        }
      }
    }
  },
  good: [
    { name: "the container says all of it", objects: sound },
    {
      name: "limits alone are requests too",
      objects: [
        namespace,
        limitRange(),
        quota({ "requests.cpu": "800m", "requests.memory": "1Gi" }),
        deployment({ containers: [container({ requests: undefined })] }),
      ],
    },
    {
      name: "the limit range says it for the container",
      objects: [
        namespace,
        limitRange(),
        quota(),
        deployment({ containers: [container({ requests: {}, limits: {} })] }),
      ],
    },
    {
      name: "the pod says it for its containers",
      objects: [
        namespace,
        plain,
        quota(),
        deployment({
          containers: [{ name: "app", image: "example.com/app:1" }],
          resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "200m", memory: "256Mi" } },
        }),
      ],
      settings: { rules: { "namespace-has-limit-range": "disabled" } } as Partial<QuotaSettings>,
    },
    {
      name: "a quota of other pods asks nothing of this one",
      objects: [
        namespace,
        plain,
        { ...quota(), spec: { hard: { pods: "4" } } },
        { ...quota({}, { scopes: ["Terminating"] }), metadata: named("batch") },
        deployment({ containers: [{ name: "app", image: "example.com/app:1" }] }),
      ],
      settings: {
        rules: {
          "namespace-has-limit-range": "disabled",
          "namespace-has-quota": "disabled",
          "pods-fit-limit-range": "disabled",
        },
      } as Partial<QuotaSettings>,
    },
  ],
  bad: [
    ...(["requests", "limits"] as const).flatMap((side) =>
      ["cpu", "memory"].map((resource) => ({
        name: `${side}.${resource} of a container is missing`,
        objects: [
          namespace,
          plain,
          quota({ [`limits.${resource}`]: "1Gi" }),
          deployment({
            containers: [
              container({
                requests: { cpu: "100m", memory: "128Mi", [resource]: side === "requests" ? undefined : "10m" },
                limits: { cpu: "200m", memory: "256Mi", [resource]: undefined },
              }),
            ],
          }),
        ],
        settings: {
          rules: { "namespace-has-limit-range": "disabled", "pods-fit-limit-range": "disabled" },
        } as Partial<QuotaSettings>,
        expect: (side === "requests" ? ["requests", "limits"] : ["limits"]).map((missing) => ({
          path: `spec.template.spec.containers[0].resources.${missing}.${resource}`,
        })),
      })),
    ),
    {
      name: "an init container says nothing",
      objects: [
        namespace,
        plain,
        quota(),
        deployment({ initContainers: [{ name: "first", image: "example.com/first:1" }] }),
      ],
      settings: { rules: { "namespace-has-limit-range": "disabled" } } as Partial<QuotaSettings>,
      expect: ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory"].map((part) => ({
        path: `spec.template.spec.initContainers[0].resources.${part}`,
      })),
    },
    {
      name: "what the container says is not known yet",
      objects: [namespace, plain, quota(), deployment({ containers: [container({ limits: unknown })] })],
      settings: {
        rules: { "namespace-has-limit-range": "disabled", "quota-sum": "disabled", "pods-fit-limit-range": "disabled" },
      } as Partial<QuotaSettings>,
      expect: [{ path: "spec.template.spec.containers[0].resources.limits", verdict: "undecidable" }],
    },
  ],
};
