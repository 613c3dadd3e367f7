import type { ObjectRule } from "../../core/rule.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { isInternet, parseRange } from "./addresses.ts";
import { plainService } from "./cases.ts";
import type { NetworkSettings } from "./settings.ts";

// Annotations by which a cloud's load balancer gets an address inside the network only, from the clouds' documentation,
// with what each must say.
const internal: Readonly<Record<string, string>> = {
  "networking.gke.io/load-balancer-type": "internal",
  "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
  "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
  "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
};

function written(field: Field): string | undefined {
  return field.value === true ? "true" : field.text?.toLowerCase();
}

function isInternal(annotations: Field): boolean {
  return Object.entries(internal).some(([key, value]) => written(annotations.at(key)) === value);
}

function isEveryone(range: Field): boolean {
  const parsed = parseRange(range.text?.trim() ?? "");
  return parsed !== undefined && isInternet(parsed);
}

/** Who may reach a load balancer. */
export const loadBalancerSourceRanges: ObjectRule<NetworkSettings> = {
  id: "load-balancer-source-ranges",
  subject: "object",
  kinds: ["Service"],
  level: "advisory",
  title: "A load balancer says who may reach it.",
  why: "Without ranges the whole internet may: right for players, wrong for everything else.",
  fix: "write loadBalancerSourceRanges, or exempt a Service for players",
  check(object, report) {
    if (object.group !== "") return;
    const [spec, annotations] = [object.root.at("spec"), object.root.at("metadata", "annotations")];
    const [type, ranges] = [spec.at("type"), spec.at("loadBalancerSourceRanges")];
    const items = ranges.items();
    const open = items.length === 0 ? !object.partial : items.some(isEveryone);
    if ((!type.unknown && type.text !== "LoadBalancer") || isInternal(annotations)) return;
    if (!open && !items.some((one) => one.unknown)) return;
    if (type.unknown) report.undecidable(type);
    else if (annotations.unknown || Object.keys(internal).some((key) => annotations.at(key).unknown)) {
      report.undecidable(annotations);
    } else if (!open) report.undecidable(ranges);
    else report.violated(ranges, "the whole internet may reach it");
  },
  good: [
    {
      name: "ranges",
      objects: [plainService({ type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] })],
      settings: { exposed: ["sample/sample"] },
    },
    ...Object.entries(internal).map(([key, value]) => ({
      name: `inside the network, by ${key}`,
      objects: [plainService({ type: "LoadBalancer" }, { [key]: value })],
      settings: { exposed: ["sample/sample"] },
    })),
    {
      name: "a Service of another group",
      objects: [{ ...plainService({ type: "LoadBalancer" }), apiVersion: "serving.knative.dev/v1" }],
    },
    { name: "no load balancer", objects: [plainService()] },
  ],
  bad: [
    {
      name: "no ranges",
      objects: [plainService({ type: "LoadBalancer" })],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "spec.loadBalancerSourceRanges" }],
    },
    {
      name: "a range that is everyone, and one that is not known yet",
      objects: [plainService({ type: "LoadBalancer", loadBalancerSourceRanges: [unknown, "0.0.0.0/0"] })],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "spec.loadBalancerSourceRanges" }],
    },
    {
      name: "the annotation says no",
      objects: [
        plainService({ type: "LoadBalancer" }, { "service.beta.kubernetes.io/aws-load-balancer-internal": "false" }),
      ],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "spec.loadBalancerSourceRanges" }],
    },
    {
      name: "annotations that are not known yet",
      objects: [plainService({ type: "LoadBalancer" }, unknown)],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "metadata.annotations", verdict: "undecidable" }],
    },
    {
      name: "one annotation that is not known yet",
      objects: [plainService({ type: "LoadBalancer" }, { "networking.gke.io/load-balancer-type": unknown })],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "metadata.annotations", verdict: "undecidable" }],
    },
    {
      name: "a range that is not known yet behind one that is",
      objects: [plainService({ type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24", unknown] })],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "spec.loadBalancerSourceRanges", verdict: "undecidable" }],
    },
    {
      name: "a range that is not known yet",
      objects: [plainService({ type: "LoadBalancer", loadBalancerSourceRanges: [unknown] })],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "spec.loadBalancerSourceRanges", verdict: "undecidable" }],
    },
  ],
};
