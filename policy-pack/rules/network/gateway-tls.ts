import type { Cluster } from "../../core/cluster.ts";
import type { ClusterRule, Manifest } from "../../core/rule.ts";
import { type KubeObject, nameOf, namespaceOf } from "../../kube/objects.ts";
import { type Answer, all } from "../../kube/selectors.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { gateway, plainService, route, secureListener } from "./cases.ts";
import { isGatewayApi } from "./ingress-rules.ts";
import { any } from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";

// Protocols of the Gateway API that carry requests in the clear. TCP and UDP carry protocols of their own.
const plainHttp = "HTTP";
const withTls = new Set(["HTTPS", "TLS"]);

function hasCertificate(listener: Field): Answer {
  const tls = listener.at("tls");
  if (tls.unknown) return undefined;
  const [mode, references, options] = [tls.at("mode"), tls.at("certificateRefs"), tls.at("options")];
  return any([
    mode.unknown ? undefined : mode.text === "Passthrough",
    references.unknown ? undefined : references.items().length > 0,
    // Some implementations take the certificate from an option of theirs.
    options.unknown ? undefined : options.entries().length > 0,
  ]);
}

/** Whether all that a route serves is a way on to HTTPS. */
function onlyRedirects(route: KubeObject): Answer {
  const rules = route.root.at("spec", "rules");
  if (rules.unknown) return undefined;
  return all(
    rules.items().map((rule) =>
      any(
        rule
          .at("filters")
          .items()
          .map((filter) => {
            const [type, scheme] = [filter.at("type"), filter.at("requestRedirect", "scheme")];
            if (type.unknown || scheme.unknown) return undefined;
            return type.text === "RequestRedirect" && scheme.text === "https";
          }),
      ),
    ),
  );
}

/** A route, and the listener that it names; all of a Gateway's where it names none. */
interface Attached {
  route: KubeObject;
  section: Field;
}

// Routes by the Gateway that they attach to.
function routesByGateway(cluster: Cluster): Map<string, Attached[]> {
  const found = new Map<string, Attached[]>();
  for (const route of cluster.ofKind("HTTPRoute", "GRPCRoute").filter(isGatewayApi)) {
    for (const parent of route.root.at("spec", "parentRefs").items()) {
      const key = `${parent.at("namespace").text ?? namespaceOf(route)}/${parent.at("name").text}`;
      const attached = { route, section: parent.at("sectionName") };
      const known = found.get(key);
      if (known === undefined) found.set(key, [attached]);
      else known.push(attached);
    }
  }
  return found;
}

function redirect(scheme: unknown, type: unknown = "RequestRedirect"): Manifest {
  return { filters: [{ type, requestRedirect: { scheme } }] };
}

/** Listeners of the Gateway API. An HTTP listener may be there for routes that lead on to HTTPS and for no others. */
export const gatewayTls: ClusterRule<NetworkSettings> = {
  id: "gateway-tls",
  subject: "cluster",
  level: "mandatory",
  title: "A Gateway serves by TLS, and its HTTP listeners only lead there.",
  why: "Without TLS, passwords and sessions of players are read and changed by every network on the way.",
  fix: "give the listener a certificate, and attach to HTTP listeners only routes that redirect to https",
  check(cluster, report) {
    const gateways = cluster.ofKind("Gateway").filter(isGatewayApi);
    if (gateways.length === 0) return;
    const routes = routesByGateway(cluster);
    for (const object of gateways) {
      const attached = routes.get(`${namespaceOf(object)}/${nameOf(object)}`) ?? [];
      for (const listener of object.root.at("spec", "listeners").items()) {
        const [protocol, name] = [listener.at("protocol"), listener.at("name")];
        const at = { field: protocol, object };
        if (protocol.unknown) report.undecidable(at);
        else if (withTls.has(protocol.text ?? "")) {
          const answer = hasCertificate(listener);
          const tls = { field: listener.at("tls"), object };
          if (answer === undefined) report.undecidable(tls);
          else if (!answer) report.violated(tls, "the listener has no certificate");
        } else if (protocol.text === plainHttp) {
          const own = attached.filter(
            ({ section }) => section.absent || section.unknown || section.value === name.value,
          );
          const answers = own.map((one) => {
            const answer = onlyRedirects(one.route);
            return answer === false && (one.section.unknown || name.unknown) ? undefined : answer;
          });
          if (answers.includes(false)) report.violated(at, "a route serves by this listener without TLS");
          else if (answers.includes(undefined)) report.undecidable(at);
          else if (answers.length === 0) {
            report.undecidable(at, "no route of the stack uses the listener, so what it serves is decided elsewhere");
          }
        }
      }
    }
  },
  good: [
    { name: "a certificate", objects: [gateway(secureListener), route(), plainService()] },
    {
      name: "the pods have the certificate",
      objects: [gateway({ name: "tls", port: 443, protocol: "TLS", tls: { mode: "Passthrough" } })],
    },
    {
      name: "a certificate by an option",
      objects: [gateway({ ...secureListener, tls: { options: { "networking.gke.io/pre-shared-certs": "x" } } })],
    },
    { name: "a protocol of its own", objects: [gateway({ name: "game", port: 7777, protocol: "UDP" })] },
    {
      name: "HTTP leads to HTTPS",
      objects: [
        gateway(secureListener, { name: "http", port: 80, protocol: "HTTP" }),
        plainService(),
        route(),
        route(
          {
            parentRefs: [{ name: "sample", sectionName: "http" }],
            rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https" } }] }],
          },
          "HTTPRoute",
          "redirect",
        ),
      ],
    },
    {
      name: "a Gateway of another group",
      objects: [{ ...gateway({ name: "http", protocol: "HTTP" }), apiVersion: "networking.istio.io/v1" }],
    },
  ],
  bad: [
    {
      name: "no certificate",
      objects: [gateway({ ...secureListener, tls: { certificateRefs: [] } })],
      expect: [{ path: "spec.listeners[0].tls" }],
    },
    {
      name: "a route serves by HTTP",
      objects: [
        gateway({ name: "http", port: 80, protocol: "HTTP" }),
        plainService(),
        route({ parentRefs: [{ name: "sample", namespace: "sample", sectionName: "http" }] }),
      ],
      expect: [{ path: "spec.listeners[0].protocol" }],
    },
    {
      name: "a route names no listener, so it serves by all of them",
      objects: [
        gateway(secureListener, { name: "http", port: 80, protocol: "HTTP" }),
        plainService(),
        route({ parentRefs: [{ name: "sample" }] }),
      ],
      expect: [{ path: "spec.listeners[1].protocol" }],
    },
    {
      name: "a redirect that stays with HTTP",
      objects: [
        gateway({ name: "http", port: 80, protocol: "HTTP" }),
        route({
          parentRefs: [{ name: "sample" }],
          rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { hostname: "b.example.com" } }] }],
        }),
      ],
      expect: [{ path: "spec.listeners[0].protocol" }],
    },
    {
      name: "no route of the stack",
      objects: [gateway({ name: "http", port: 80, protocol: "HTTP" })],
      expect: [{ path: "spec.listeners[0].protocol", verdict: "undecidable" }],
    },
    {
      name: "a protocol that is not known yet beside a missing certificate",
      objects: [gateway({ name: "x", protocol: unknown }, { ...secureListener, tls: null })],
      expect: [{ path: "spec.listeners[0].protocol", verdict: "undecidable" }, { path: "spec.listeners[1].tls" }],
    },
    {
      name: "a redirect beside a rule that serves",
      objects: [
        gateway({ name: "http", port: 80, protocol: "HTTP" }),
        plainService(),
        route({
          parentRefs: [{ name: "sample" }],
          rules: [redirect("https"), { backendRefs: [{ name: "sample", port: 80 }] }],
        }),
      ],
      expect: [{ path: "spec.listeners[0].protocol" }],
    },
    ...[unknown, { mode: unknown }, { certificateRefs: unknown }, { options: unknown }].map((tls, index) => ({
      name: `something of a certificate that is not known yet, ${index + 1}`,
      objects: [gateway({ ...secureListener, tls })],
      expect: [{ path: "spec.listeners[0].tls", verdict: "undecidable" as const }],
    })),
    ...[unknown, [redirect(unknown)], [redirect("https", unknown)]].map((rules, index) => ({
      name: `something of a redirect that is not known yet, ${index + 1}`,
      objects: [
        gateway({ name: "http", port: 80, protocol: "HTTP" }),
        route({ parentRefs: [{ name: "sample" }], rules }),
      ],
      expect: [
        { path: "spec.listeners[0].protocol", verdict: "undecidable" as const },
        ...(index === 0 ? [{ path: "spec.rules", verdict: "undecidable" as const, rule: "backend" }] : []),
      ],
    })),
    {
      name: "the name of the listener that a route names is not known yet",
      objects: [
        gateway({ name: unknown, port: 80, protocol: "HTTP" }),
        plainService(),
        route({ parentRefs: [{ name: "sample", sectionName: unknown }] }),
      ],
      expect: [{ path: "spec.listeners[0].protocol", verdict: "undecidable" }],
    },
    {
      name: "the listener of a route is not known yet",
      objects: [
        gateway({ name: "http", port: 80, protocol: "HTTP" }),
        plainService(),
        route({ parentRefs: [{ name: "sample", sectionName: unknown }] }),
      ],
      expect: [{ path: "spec.listeners[0].protocol", verdict: "undecidable" }],
    },
  ],
};
