import type { ExpectedFinding, ObjectRule, Report } from "../../core/rule.ts";
import { isNo, isYes } from "../../kube/annotations.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { Answer } from "../../kube/selectors.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { hostRule, ingress, path, plainService } from "./cases.ts";
import { defaultBackend, hostRules, isIngress } from "./ingress-rules.ts";
import type { NetworkSettings } from "./settings.ts";

// nginx sends plain HTTP on to HTTPS by itself, unless the first is turned off and the second is not on.
const redirect = [
  "nginx.ingress.kubernetes.io/ssl-redirect",
  "nginx.ingress.kubernetes.io/force-ssl-redirect",
] as const;

/** Hosts with a certificate. */
interface Covered {
  hosts: ReadonlySet<string>;
  /** An entry without hosts is for every host. */
  every: boolean;
  unknown: boolean;
}

function coveredHosts(ingress: KubeObject): Covered {
  const entries = ingress.root.at("spec", "tls").items();
  const hosts = entries.flatMap((entry) => entry.at("hosts").items());
  return {
    hosts: new Set(hosts.map((host) => host.text?.toLowerCase()).filter((host) => host !== undefined)),
    every: entries.some((entry) => !entry.unknown && entry.at("hosts").absent),
    unknown: hosts.some((host) => host.unknown),
  };
}

// "*.example.com" is for one label in front, as in a certificate.
function isCovered({ hosts, every, unknown }: Covered, host: string): Answer {
  const dot = host.indexOf(".");
  if (every || hosts.has(host) || (dot > 0 && hosts.has(`*${host.slice(dot)}`))) return true;
  return unknown ? undefined : false;
}

// A certificate from the cloud, by annotation.
function hasCloudCertificate(annotations: Field, keys: readonly string[]): Answer {
  const found = keys.map((key) => annotations.at(key));
  if (found.some((one) => !one.unknown && !one.absent)) return true;
  return found.some((one) => one.unknown) ? undefined : false;
}

function checkHost(field: Field, host: string, covered: Covered, cloud: Answer, report: Report): void {
  const answer = isCovered(covered, host);
  if (answer === true) return;
  if (answer === undefined || cloud === undefined) report.undecidable(field);
  else report.violated(field, host === "" ? "every host is served without TLS" : "no TLS entry names this host");
}

/** Every host of an Ingress. That it is reached by plain HTTP too is right only for the way on to HTTPS. */
export const ingressTls: ObjectRule<NetworkSettings> = {
  id: "ingress-tls",
  subject: "object",
  kinds: ["Ingress"],
  level: "mandatory",
  title: "An Ingress serves every host by TLS, and plain HTTP leads there.",
  why: "Without TLS, passwords and sessions of players are read and changed by every network on the way.",
  fix: "name the host in spec.tls, and leave the redirect to HTTPS on",
  check(object, report, { tlsAnnotations }) {
    if (!isIngress(object)) return;
    const annotations = object.root.at("metadata", "annotations");
    const [sends, forces] = redirect.map((key) => annotations.at(key));
    if (sends !== undefined && forces !== undefined && !isYes(forces.value) && (sends.unknown || isNo(sends.value))) {
      if (sends.unknown || forces.unknown) report.undecidable(sends.unknown ? sends : forces);
      else report.violated(sends, "plain HTTP is served instead of being led to HTTPS");
    }
    if (object.partial && object.root.at("spec", "tls").absent) return;
    const cloud = hasCloudCertificate(annotations, tlsAnnotations);
    if (cloud === true) return;
    const covered = coveredHosts(object);
    for (const rule of hostRules(object)) {
      const host = rule.at("host");
      if (!host.unknown) checkHost(host, host.text?.toLowerCase() ?? "", covered, cloud, report);
      else if (!covered.every) report.undecidable(host);
    }
    const rest = defaultBackend(object);
    if (rest.unknown && !covered.every) report.undecidable(rest);
    else if (!rest.absent && !rest.unknown) checkHost(rest, "", covered, cloud, report);
  },
  good: [
    { name: "each host", objects: [ingress({ tls: [{ hosts: ["a.example.com"], secretName: "a" }] }), plainService()] },
    { name: "by a wildcard", objects: [ingress({ tls: [{ hosts: ["*.EXAMPLE.com"] }] }), plainService()] },
    { name: "an entry without hosts is for all", objects: [ingress({ tls: [{ secretName: "all" }] }), plainService()] },
    {
      name: "a certificate from the cloud",
      objects: [ingress({ tls: undefined }, { "alb.ingress.kubernetes.io/certificate-arn": "x" }), plainService()],
    },
    {
      name: "HTTP is led to HTTPS by force",
      objects: [ingress({}, { [redirect[0]]: "false", [redirect[1]]: "true" }), plainService()],
    },
    {
      name: "an Ingress of another group",
      objects: [{ ...ingress({ tls: undefined, rules: [hostRule("*")] }), apiVersion: "config.openshift.io/v1" }],
    },
    {
      name: "a patch that says nothing of TLS",
      objects: [
        plainService(),
        { type: "kubernetes:networking.k8s.io/v1:IngressPatch", props: ingress({ tls: undefined }) },
      ],
    },
  ],
  bad: [
    { name: "no TLS", objects: [ingress({ tls: [] }), plainService()], expect: [{ path: "spec.rules[0].host" }] },
    {
      name: "the second host is missing",
      objects: [
        ingress({ tls: [{ hosts: ["a.example.com"] }], rules: [hostRule(), hostRule("b.example.com")] }),
        plainService(),
      ],
      expect: [{ path: "spec.rules[1].host" }],
    },
    {
      name: "a wildcard is for one label",
      objects: [ingress({ rules: [hostRule("a.b.example.com")] }), plainService()],
      expect: [{ path: "spec.rules[0].host" }],
    },
    {
      name: "a wildcard is not for the name itself",
      objects: [ingress({ rules: [hostRule("example.com")] }), plainService()],
      expect: [{ path: "spec.rules[0].host" }],
    },
    {
      name: "a rule for every host",
      objects: [ingress({ rules: [hostRule(undefined, path()), hostRule("")] }), plainService()],
      expect: [{ path: "spec.rules[1].host" }, { path: "spec.rules[1].host", rule: "wildcard-host" }],
    },
    {
      name: "a default backend",
      objects: [ingress({ defaultBackend: path()["backend"] }), plainService()],
      expect: [{ path: "spec.defaultBackend" }, { path: "spec.defaultBackend", rule: "wildcard-host" }],
    },
    {
      name: "the default backend of an old version",
      objects: [
        {
          ...ingress({ backend: { serviceName: "sample", servicePort: 80 }, rules: [] }),
          apiVersion: "extensions/v1beta1",
        },
        plainService(),
      ],
      expect: [{ path: "spec.backend" }, { path: "spec.backend", rule: "wildcard-host" }],
    },
    {
      name: "the redirect is off",
      objects: [ingress({}, { [redirect[0]]: "false" }), plainService()],
      expect: [{ path: `metadata.annotations["${redirect[0]}"]` }],
    },
    {
      name: "hosts that are not known yet beside one that lacks TLS",
      objects: [ingress({ rules: [hostRule(unknown), hostRule("b.example.org")] }), plainService()],
      expect: [
        { path: "spec.rules[0].http.paths[0].path", verdict: "undecidable", rule: "unique-host-path" },
        { path: "spec.rules[0].host", verdict: "undecidable" },
        { path: "spec.rules[1].host" },
        { path: "spec.rules[0].host", verdict: "undecidable", rule: "wildcard-host" },
      ],
    },
    {
      name: "whether HTTP is led to HTTPS by force is not known yet",
      objects: [ingress({}, { [redirect[0]]: "false", [redirect[1]]: unknown }), plainService()],
      expect: [{ path: `metadata.annotations["${redirect[1]}"]`, verdict: "undecidable" }],
    },
    {
      name: "one annotation that may name a certificate is not known yet",
      objects: [ingress({ tls: undefined }, { "networking.gke.io/managed-certificates": unknown }), plainService()],
      expect: [{ path: "spec.rules[0].host", verdict: "undecidable" }],
    },
    {
      name: "a default backend that is not known yet",
      objects: [ingress({ defaultBackend: unknown }), plainService()],
      expect: ["ingress-tls", "wildcard-host", "backend"].map(
        (rule): ExpectedFinding => ({ path: "spec.defaultBackend", verdict: "undecidable", rule }),
      ),
    },
    {
      name: "a TLS entry that is not known yet",
      objects: [ingress({ tls: [unknown] }), plainService()],
      expect: [{ path: "spec.rules[0].host", verdict: "undecidable" }],
    },
    {
      name: "annotations that are not known yet",
      objects: [ingress({ tls: undefined }, unknown), plainService()],
      expect: [
        { path: "spec.rules[0].host", verdict: "undecidable" },
        { path: "metadata.annotations", verdict: "undecidable" },
        { path: "metadata.annotations", verdict: "undecidable", rule: "ingress-snippets" },
      ],
    },
    {
      name: "hosts of TLS that are not known yet",
      objects: [ingress({ tls: [{ hosts: [unknown] }] }), plainService()],
      expect: [{ path: "spec.rules[0].host", verdict: "undecidable" }],
    },
  ],
};
