import type { ObjectRule } from "../../core/rule.ts";
import { nameField, nameOf, namespaceField, namespaceOf } from "../../kube/objects.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { plainService } from "./cases.ts";
import type { NetworkSettings } from "./settings.ts";

const outward: Readonly<Record<string, string>> = {
  LoadBalancer: "a load balancer of the cloud leads to it",
  NodePort: "a port of every node leads to it",
};

/** Ways in from outside the cluster. `externalIPs`: CVE-2020-8554. */
export const serviceExposure: ObjectRule<NetworkSettings> = {
  id: "service-exposure",
  subject: "object",
  kinds: ["Service"],
  level: "mandatory",
  title: "Only Services of the setting exposed can be reached from outside the cluster.",
  why: "A Service that is open by accident is found within hours, past the gateway and its rules.",
  fix: "use type ClusterIP without externalIPs behind the gateway, or list the Service in the setting exposed",
  check(object, report, { exposed }) {
    if (object.group !== "") return;
    if (exposed.includes(`${namespaceOf(object)}/${nameOf(object)}`)) return;
    const nameless = exposed.length > 0 && (nameField(object).unknown || namespaceField(object).unknown);
    const say = (field: Field, message: string) =>
      nameless ? report.undecidable(field) : report.violated(field, message);
    const [type, addresses] = [object.root.at("spec", "type"), object.root.at("spec", "externalIPs")];
    const way = outward[type.text ?? ""];
    if (type.unknown) report.undecidable(type);
    else if (way !== undefined) say(type, way);
    if (addresses.unknown) report.undecidable(addresses);
    else if (addresses.items().length > 0) say(addresses, "traffic of these addresses is led to it, whoever owns them");
  },
  good: [
    { name: "inside the cluster", objects: [plainService({ type: "ClusterIP" })] },
    { name: "no type", objects: [plainService({ externalIPs: [] })] },
    {
      name: "a name of another place",
      objects: [plainService({ type: "ExternalName", externalName: "a.example.com" })],
    },
    {
      name: "a Service of another group",
      objects: [{ ...plainService({ type: "NodePort" }), apiVersion: "serving.knative.dev/v1" }],
    },
    {
      name: "exposed on purpose",
      objects: [plainService({ type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] })],
      settings: { exposed: ["sample/sample"] },
    },
  ],
  bad: [
    { name: "a port of the nodes", objects: [plainService({ type: "NodePort" })], expect: [{ path: "spec.type" }] },
    {
      name: "a load balancer",
      objects: [plainService({ type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] })],
      expect: [{ path: "spec.type" }],
    },
    {
      name: "external addresses",
      objects: [plainService({ externalIPs: ["203.0.113.7"] })],
      expect: [{ path: "spec.externalIPs" }],
    },
    {
      name: "a Service of that name in another namespace",
      objects: [plainService({ type: "NodePort" })],
      settings: { exposed: ["other/sample"] },
      expect: [{ path: "spec.type" }],
    },
    {
      name: "a type that is not known yet, beside external addresses",
      objects: [plainService({ type: unknown, externalIPs: ["203.0.113.7"] })],
      expect: [
        { path: "spec.type", verdict: "undecidable" },
        { path: "spec.externalIPs" },
        { path: "spec.type", verdict: "undecidable", rule: "load-balancer-source-ranges" },
      ],
    },
    {
      name: "addresses that are not known yet, of a port of the nodes",
      objects: [plainService({ type: "NodePort", externalIPs: unknown })],
      expect: [{ path: "spec.type" }, { path: "spec.externalIPs", verdict: "undecidable" }],
    },
    {
      name: "a namespace that is not known yet, where some may be exposed",
      objects: [{ ...plainService({ type: "NodePort" }), metadata: { name: "sample", namespace: unknown } }],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "spec.type", verdict: "undecidable" }],
    },
    {
      name: "a name that is not known yet, where some may be exposed",
      objects: [{ ...plainService({ type: "NodePort" }), metadata: { name: unknown, namespace: "sample" } }],
      settings: { exposed: ["sample/sample"] },
      expect: [{ path: "spec.type", verdict: "undecidable" }],
    },
    {
      name: "a patch",
      objects: [{ type: "kubernetes:core/v1:ServicePatch", props: { spec: { type: "NodePort" } } }],
      expect: [{ path: "spec.type" }],
    },
  ],
};
