/** What network policies say about a pod's way to DNS. */
import type { KubeObject } from "../../kube/objects.ts";
import { type Answer, all, selects } from "../../kube/selectors.ts";
import { Field, toTree } from "../../kube/tree.ts";
import { allowsPort, any, dnsPort, isolates, rulesOf } from "./policies.ts";

/** What policies say together about the way out of a pod. */
export interface WayOut {
  isolated: Answer;
  /** Some call is allowed: a pod that may call nobody needs no names. */
  calls: Answer;
  udp: Answer;
  tcp: Answer;
}

const silent: WayOut = { isolated: false, calls: false, udp: false, tcp: false };

/** What several ways out are together. */
export function together(ways: readonly WayOut[]): WayOut {
  return {
    isolated: any(ways.map((way) => way.isolated)),
    calls: any(ways.map((way) => way.calls)),
    udp: any(ways.map((way) => way.udp)),
    tcp: any(ways.map((way) => way.tcp)),
  };
}

// Other labels of the namespace are not known, so a selector by them may fit; one by the name does or does not.
function mayReachDns(rule: Field, dnsNamespaces: readonly string[]): Answer {
  const to = rule.at("to");
  if (to.unknown) return undefined;
  const peers = to.items();
  return (
    peers.length === 0 ||
    any(
      peers.map((peer) => {
        const namespaces = peer.at("namespaceSelector");
        if (peer.at("ipBlock").unknown || namespaces.unknown) return undefined;
        if (!peer.at("ipBlock").absent) return true;
        // Pods of one's own namespace are no DNS of the cluster, unless somebody says so by the port.
        if (namespaces.absent) return rule.at("ports").items().length > 0;
        const name = namespaces.at("matchLabels", "kubernetes.io/metadata.name");
        if (name.unknown) return undefined;
        if (name.text !== undefined) return dnsNamespaces.includes(name.text);
        const byName = dnsNamespaces.map((one) => new Field(toTree({ "kubernetes.io/metadata.name": one })));
        const expressions = namespaces.at("matchExpressions").items();
        return any(byName.map((labels) => all(expressions.map((one) => expressionFits(one, labels)))));
      }),
    )
  );
}

function expressionFits(expression: Field, labels: Field): Answer {
  const key = expression.at("key");
  if (key.text !== undefined && key.text !== "kubernetes.io/metadata.name") return true;
  return selects(new Field({ matchExpressions: [expression.value] }), labels);
}

/** The way out that a policy opens or closes. */
export function wayOut(policy: KubeObject, dnsNamespaces: readonly string[]): WayOut {
  const isolated = isolates(policy, "Egress");
  // Rules for a direction that the policy does not name count for nothing.
  if (isolated === false) return silent;
  const rules = rulesOf(policy, "Egress").items();
  const dns = (protocol: "TCP" | "UDP") =>
    any(rules.map((rule) => all([mayReachDns(rule, dnsNamespaces), allowsPort(rule, protocol, dnsPort)])));
  const calls = any(rules.map((rule) => (rule.unknown ? undefined : true)));
  const way = { isolated, calls, udp: dns("UDP"), tcp: dns("TCP") };
  return isolated === undefined ? perhaps(way) : way;
}

/** Of a way that may be there: nothing is sure. */
export function perhaps(way: WayOut): WayOut {
  const weaken = (answer: Answer) => (answer === false ? false : undefined);
  return { isolated: weaken(way.isolated), calls: weaken(way.calls), udp: weaken(way.udp), tcp: weaken(way.tcp) };
}

/** Whether a pod may call nobody, or DNS too. */
export function verdict(way: WayOut): Answer {
  if (way.isolated === false || way.calls === false) return true;
  const ok = all([way.udp, way.tcp]);
  return ok === false && (way.isolated === undefined || way.calls === undefined) ? undefined : ok;
}
