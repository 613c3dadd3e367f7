import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule, Report } from "../../core/rule.ts";
import { autoscalersOf } from "../../kube/autoscalers.ts";
import { type KubeObject, namespaceOf } from "../../kube/objects.ts";
import { isComplete } from "../../kube/operated-sizes.ts";
import { type Container, containersOf, type PodTemplate } from "../../kube/pods.ts";
import type { Answer } from "../../kube/selectors.ts";
import type { Field } from "../../kube/tree.ts";
import { autoscaler, container, scaledObject, utilization, workload } from "./cases.ts";
import { type Reading, readingsOf } from "./metrics.ts";
import type { AutoscalingSettings } from "./settings.ts";

function any(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

function isThere(field: Field): Answer {
  return field.unknown ? undefined : !field.absent;
}

// The API server fills in requests from limits.
function hasRequest(resources: Field, resource: string): Answer {
  return any(["requests", "limits"].map((key) => isThere(resources.at(key, resource))));
}

/** Items of LimitRanges by namespace, those of an unknown one under undefined. Each bound gives a request, in the end. */
function suppliedIn(cluster: Cluster): Map<string | undefined, Field[]> {
  const byNamespace = new Map<string | undefined, Field[]>();
  for (const object of cluster.ofKind("LimitRange")) {
    const items = object.root
      .at("spec", "limits")
      .items()
      .filter((item) => item.unknown || item.at("type").unknown || item.at("type").text === "Container");
    const namespace = namespaceOf(object);
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), ...items]);
  }
  return byNamespace;
}

/** An item of a LimitRange that holds for a pod, surely or perhaps. */
interface Supply {
  item: Field;
  surely: boolean;
}

function isSupplied(items: readonly Supply[], resource: string): Answer {
  const bounds = ["defaultRequest", "default", "max", "min"];
  return any(
    items.map(({ item, surely }) => {
      const answer = any(bounds.map((bound) => isThere(item.at(bound, resource))));
      return answer === true && (item.at("type").unknown || !surely) ? undefined : answer;
    }),
  );
}

/** Whether the container's requests count for a percentage: those do that run beside each other. */
function counts({ list, field }: Container): Answer {
  if (list !== "initContainers") return list === "containers";
  const policy = field.at("restartPolicy");
  return policy.unknown ? undefined : policy.text === "Always";
}

function checkReading(
  pod: PodTemplate,
  scaler: KubeObject,
  reading: Reading,
  supplied: readonly Supply[],
  report: Report,
): void {
  const { resource, container: only, ofRequests, field } = reading;
  if (resource === undefined || only?.unknown === true) {
    report.undecidable({ field: only?.unknown === true ? only : field, object: scaler });
    return;
  }
  // Requests of the whole pod take the place of the sum (Kubernetes 1.34, pod-level resources).
  const wholePod = only === undefined ? hasRequest(pod.spec.at("resources"), resource) : false;
  const given = any([wholePod, isSupplied(supplied, resource)]);
  if (given === true) return;
  const containers = containersOf(pod).filter((one) => counts(one) !== false);
  const chosen = only === undefined ? containers : containers.filter((one) => one.field.at("name").text === only.text);
  if (only !== undefined && chosen.length === 0) {
    const open = containers.some((one) => one.field.at("name").unknown);
    if (open) report.undecidable({ field: only, object: scaler });
    else report.violated({ field: only, object: scaler }, "the workload has no container of that name");
  }
  for (const one of chosen) {
    const answer = any([hasRequest(one.field.at("resources"), resource), given]);
    const place = { field: one.field.at("resources", "requests", resource), object: pod.object, container: one };
    if (answer === true) continue;
    const unsure = ofRequests === undefined || counts(one) === undefined || !isComplete(pod.object, pod.spec);
    if (answer === undefined || unsure) report.undecidable(place);
    else report.violated(place, `an autoscaler reads ${resource} as a percentage of requests, and there is none`);
  }
}

const bare = container({ name: "side", resources: { requests: { memory: "64Mi" } } });
const path = "spec.template.spec.containers[1].resources.requests.cpu";

function limitRange(item: object) {
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "sample", namespace: "sample" },
    spec: { limits: [{ type: "Container", ...item }] },
  };
}

function perContainer(name: string) {
  return {
    type: "ContainerResource",
    containerResource: { name: "cpu", container: name, target: { type: "Utilization", averageUtilization: 70 } },
  };
}

const pair = workload({}, { containers: [container(), bare] });

/** Percentages that have something to be a percentage of. */
export const requestsNeeded: ClusterRule<AutoscalingSettings> = {
  id: "requests-needed",
  subject: "cluster",
  level: "mandatory",
  title: "Where an autoscaler reads a percentage of requests, every container that counts has them.",
  why: "One container without a request and the metric fails: the workload no longer scales at all.",
  fix: "give the container a request of that resource, or read an absolute average",
  check(cluster, report) {
    const autoscalers = autoscalersOf(cluster.objects);
    const supplied = suppliedIn(cluster);
    for (const one of autoscalers.all) {
      const target = autoscalers.targetOf(one);
      if (one.object.kind === "VerticalPodAutoscaler") continue;
      const readings = readingsOf(one.object).filter((reading) => reading.ofRequests !== false);
      if (readings.length > 0 && autoscalers.mayHaveTarget(one))
        report.undecidable({ field: one.ref, object: one.object });
      if (target === undefined || target.partial) continue;
      const own = (supplied.get(namespaceOf(target)) ?? []).map((item) => ({ item, surely: true }));
      const perhaps = (supplied.get(undefined) ?? []).map((item) => ({ item, surely: false }));
      for (const pod of cluster.podsOf(target)) {
        for (const reading of readings) checkReading(pod, one.object, reading, [...own, ...perhaps], report);
      }
    }
  },
  good: [
    { name: "requests", objects: [workload(), autoscaler()] },
    {
      name: "limits, which become requests",
      objects: [workload({}, { containers: [container({ resources: { limits: { cpu: "1" } } })] }), autoscaler()],
    },
    {
      name: "a plain init container does not count",
      objects: [workload({}, { initContainers: [bare] }), autoscaler()],
    },
    { name: "a LimitRange gives the request", objects: [pair, autoscaler(), limitRange({ default: { cpu: "1" } })] },
    {
      name: "the pod as a whole has it",
      objects: [workload({}, { resources: { requests: { cpu: "1" } }, containers: [bare] }), autoscaler()],
    },
    {
      name: "an absolute average needs none",
      objects: [
        pair,
        autoscaler({
          metrics: [
            { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: "1" } } },
          ],
        }),
      ],
    },
    { name: "one container of its own counts alone", objects: [pair, autoscaler({ metrics: [perContainer("app")] })] },
    { name: "KEDA reads an absolute average", objects: [pair, scaledObject()] },
    {
      name: "KEDA reads one container",
      objects: [
        pair,
        scaledObject({
          triggers: [{ type: "cpu", metricType: "Utilization", metadata: { value: "70", containerName: "app" } }],
        }),
      ],
    },
  ],
  bad: [
    { name: "a second container without", objects: [pair, autoscaler()], expect: [{ path }] },
    {
      name: "memory without",
      objects: [
        workload({}, { containers: [container({ resources: { requests: { cpu: "1" } } })] }),
        autoscaler({ metrics: [utilization("memory")] }),
      ],
      expect: [{ path: "spec.template.spec.containers[0].resources.requests.memory" }],
    },
    {
      name: "a sidecar without",
      objects: [workload({}, { initContainers: [{ ...bare, restartPolicy: "Always" }] }), autoscaler()],
      expect: [{ path: "spec.template.spec.initContainers[0].resources.requests.cpu" }],
    },
    { name: "no metric is 80 % of CPU", objects: [pair, autoscaler({ metrics: null })], expect: [{ path }] },
    {
      name: "autoscaling/v1",
      objects: [
        pair,
        { ...autoscaler({ metrics: null, targetCPUUtilizationPercentage: 70 }), apiVersion: "autoscaling/v1" },
      ],
      expect: [{ path }],
    },
    {
      name: "autoscaling/v2beta1",
      objects: [
        pair,
        {
          ...autoscaler({ metrics: [{ type: "Resource", resource: { name: "cpu", targetAverageUtilization: 70 } }] }),
          apiVersion: "autoscaling/v2beta1",
        },
      ],
      expect: [{ path }],
    },
    {
      name: "KEDA reads a percentage",
      objects: [
        pair,
        scaledObject({ triggers: [{ type: "cpu", metricType: "Utilization", metadata: { value: "70" } }] }),
      ],
      expect: [{ path }],
    },
    {
      name: "KEDA reads a percentage, as it was written before",
      objects: [pair, scaledObject({ triggers: [{ type: "cpu", metadata: { type: "Utilization", value: "70" } }] })],
      expect: [{ path }],
    },
    {
      name: "the container that counts has none",
      objects: [pair, autoscaler({ metrics: [perContainer("side")] })],
      expect: [{ path }],
    },
    {
      name: "there is no container that counts",
      objects: [pair, autoscaler({ metrics: [perContainer("other")] })],
      expect: [{ path: "spec.metrics[0].containerResource.container" }],
    },
    {
      name: "a LimitRange for pods gives containers nothing",
      objects: [pair, autoscaler(), limitRange({ type: "Pod", max: { cpu: "1" } })],
      expect: [{ path }],
    },
    {
      name: "a LimitRange of another resource",
      objects: [pair, autoscaler(), limitRange({ default: { memory: "1Gi" } })],
      expect: [{ path }],
    },
    {
      name: "a LimitRange of another namespace",
      objects: [
        pair,
        autoscaler(),
        { ...limitRange({ default: { cpu: "1" } }), metadata: { name: "sample", namespace: "other" } },
      ],
      expect: [{ path }],
    },
  ],
};
