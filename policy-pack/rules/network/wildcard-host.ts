import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { hostRule, ingress, plainService, route } from "./cases.ts";
import { defaultBackend, hostRules, isGatewayApi, isIngress } from "./ingress-rules.ts";
import type { NetworkSettings } from "./settings.ts";

function isNamed(value: unknown): boolean {
  return typeof value === "string" && value !== "" && !value.includes("*");
}

/** Hosts of an Ingress and of routes. A route without hostnames takes those of its listener and is let through. */
export const wildcardHost: ObjectRule<NetworkSettings> = {
  id: "wildcard-host",
  subject: "object",
  kinds: ["Ingress", "HTTPRoute", "GRPCRoute", "TLSRoute"],
  level: "advisory",
  title: "Routes name their hosts.",
  why: "A wildcard takes the traffic of every name that is added later, and of those that were forgotten.",
  fix: "name each host",
  check(object, report) {
    if (isIngress(object)) {
      for (const rule of hostRules(object)) report.check(rule.at("host"), isNamed, "takes hosts that it does not name");
      const rest = defaultBackend(object);
      if (rest.unknown) report.undecidable(rest);
      else if (!rest.absent) report.violated(rest, "takes every host that no rule names");
    } else if (isGatewayApi(object)) {
      for (const host of object.root.at("spec", "hostnames").items()) {
        report.check(host, isNamed, "takes hosts that it does not name");
      }
    }
  },
  good: [
    { name: "a host", objects: [ingress(), plainService()] },
    { name: "a host of a route", objects: [route(), plainService()] },
    { name: "a route takes the hosts of its listener", objects: [route({ hostnames: undefined }), plainService()] },
  ],
  bad: [
    {
      name: "a wildcard",
      objects: [ingress({ rules: [hostRule("*.example.com")] }), plainService()],
      expect: [{ path: "spec.rules[0].host" }],
    },
    {
      name: "no host",
      objects: [ingress({ tls: [{ secretName: "all" }], rules: [hostRule("")] }), plainService()],
      expect: [{ path: "spec.rules[0].host" }],
    },
    {
      name: "a default backend",
      objects: [
        ingress({ tls: [{}], defaultBackend: { service: { name: "sample", port: { number: 80 } } } }),
        plainService(),
      ],
      expect: [{ path: "spec.defaultBackend" }],
    },
    {
      name: "the second host of a route",
      objects: [route({ hostnames: ["a.example.com", "*.example.com"] }), plainService()],
      expect: [{ path: "spec.hostnames[1]" }],
    },
    {
      name: "a host that is not known yet beside a wildcard",
      objects: [route({ hostnames: [unknown, "*.example.com"] }), plainService()],
      expect: [{ path: "spec.hostnames[0]", verdict: "undecidable" }, { path: "spec.hostnames[1]" }],
    },
  ],
};
