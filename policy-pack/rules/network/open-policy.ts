import type { ObjectRule, Report } from "../../core/rule.ts";
import { nameField, nameOf, namespaceField, namespaceOf } from "../../kube/objects.ts";
import type { Field } from "../../kube/tree.ts";
import { unknown } from "../../kube/tree.ts";
import { covers, isInternet, overlap, parseRange, type Range } from "./addresses.ts";
import { dnsPorts, egress, ingressPolicy, inNamespace, policy } from "./cases.ts";
import { type Direction, directions, isDnsOnly, isNetworkPolicy, rulesOf } from "./policies.ts";
import { type NetworkSettings, networkSchema } from "./settings.ts";

function ranges(texts: readonly (string | undefined)[]): Range[] {
  return texts.flatMap((text) => (text === undefined ? [] : (parseRange(text) ?? [])));
}

type Say = (field: Field, message: string) => void;

function checkBlock(block: Field, direction: Direction, cluster: readonly Range[], report: Report, say: Say): void {
  const [cidr, except] = [block.at("cidr"), block.at("except")];
  if (cidr.unknown) {
    report.undecidable(cidr);
    return;
  }
  const range = parseRange(cidr.text ?? "");
  if (range === undefined || !isInternet(range) || covers(cluster, range)) return;
  if (direction === "Ingress") {
    say(cidr, "lets in everyone");
    return;
  }
  const excepted = ranges(except.items().map((one) => one.text));
  const open = cluster.some((one) => {
    const shared = overlap(one, range);
    return shared !== undefined && !covers(excepted, shared);
  });
  if (!open) return;
  if (except.items().some((one) => one.unknown)) report.undecidable(except);
  else say(except, "lets pods out to every address, those of the cluster and of the cloud too");
}

/** Rules without an end. Those that let nothing but DNS out are let through. */
export const openPolicy: ObjectRule<NetworkSettings> = {
  id: "open-policy",
  subject: "object",
  kinds: ["NetworkPolicy"],
  level: "mandatory",
  title: "No network policy lets in, or out, everyone.",
  why: "One rule without peers undoes the default deny: policies add up, and no other policy can take it back.",
  fix: "name the peers, except the cluster's own ranges from the internet, or list the policy in publicPolicies",
  check(object, report, { publicPolicies, clusterRanges }) {
    if (!isNetworkPolicy(object)) return;
    if (publicPolicies.includes(`${namespaceOf(object)}/${nameOf(object)}`)) return;
    const cluster = ranges(clusterRanges);
    // Without its name nobody knows whether the policy is one of the public ones.
    const nameless = publicPolicies.length > 0 && (nameField(object).unknown || namespaceField(object).unknown);
    for (const { direction, peers } of directions) {
      for (const rule of rulesOf(object, direction).items()) {
        const list = rule.at(peers);
        const dnsOnly = direction === "Egress" ? isDnsOnly(rule) : false;
        if (dnsOnly === true) continue;
        const say: Say = (field, message) => {
          if (nameless || dnsOnly === undefined) report.undecidable(field);
          else report.violated(field, message);
        };
        if (list.unknown) report.undecidable(list);
        else if (list.items().length === 0) {
          say(list, direction === "Ingress" ? "lets in everyone" : "lets pods out to everyone");
        }
        for (const peer of list.items()) checkBlock(peer.at("ipBlock"), direction, cluster, report, say);
      }
    }
  },
  good: [
    { name: "named peers", objects: [ingressPolicy({ from: [inNamespace("x")] })] },
    { name: "a range", objects: [ingressPolicy({ from: [{ ipBlock: { cidr: "203.0.113.0/24" } }] })] },
    { name: "all private addresses", objects: [egress({ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] })] },
    {
      name: "the internet without the cluster",
      objects: [
        egress({
          to: [
            { ipBlock: { cidr: "0.0.0.0/0", except: networkSchema.clusterRanges.default.slice(0, 5) } },
            { ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10"] } },
          ],
          ports: [{ port: 443 }],
        }),
      ],
    },
    {
      name: "a range is excepted in two halves",
      objects: [
        egress({
          to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.128.0.0/9", "10.0.0.0/9"] } }],
          ports: [{ port: 443 }],
        }),
      ],
      settings: { clusterRanges: ["10.0.0.0/8"] },
    },
    {
      name: "a policy of another group",
      objects: [policy({ ingress: [{}] }, "other", { apiVersion: "projectcalico.org/v3" })],
    },
    { name: "DNS to everyone", objects: [egress({ ports: dnsPorts })] },
    {
      name: "a public policy",
      objects: [ingressPolicy({ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] })],
      settings: { publicPolicies: ["sample/ingress"] },
    },
  ],
  bad: [
    {
      name: "no from",
      objects: [ingressPolicy({ ports: [{ port: 443 }] })],
      expect: [{ path: "spec.ingress[0].from" }],
    },
    { name: "an empty from", objects: [ingressPolicy({ from: [] })], expect: [{ path: "spec.ingress[0].from" }] },
    { name: "an empty rule", objects: [ingressPolicy({})], expect: [{ path: "spec.ingress[0].from" }] },
    {
      name: "no to",
      objects: [egress({ ports: [{ port: 443 }] })],
      expect: [{ path: "spec.egress[0].to" }],
    },
    ...["0.0.0.0/0", "::/0", "0:0:0:0:0:0:0:0/0", "128.0.0.0/1", "2000::/3"].map((cidr) => ({
      name: `everyone comes in as ${cidr}`,
      objects: [ingressPolicy({ from: [{ ipBlock: { cidr } }] })],
      expect: [{ path: "spec.ingress[0].from[0].ipBlock.cidr" }],
    })),
    {
      name: "everyone comes in but the cluster",
      objects: [ingressPolicy({ from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] })],
      expect: [{ path: "spec.ingress[0].from[0].ipBlock.cidr" }],
    },
    {
      name: "the internet with the cluster",
      objects: [egress({ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] })],
      expect: [{ path: "spec.egress[0].to[0].ipBlock.except" }],
    },
    {
      name: "half of a range is excepted",
      objects: [egress({ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.128.0.0/9"] } }], ports: [{ port: 443 }] })],
      settings: { clusterRanges: ["10.0.0.0/8"] },
      expect: [{ path: "spec.egress[0].to[0].ipBlock.except" }],
    },
    {
      name: "a public policy of another namespace",
      objects: [ingressPolicy({})],
      settings: { publicPolicies: ["other/ingress"] },
      expect: [{ path: "spec.ingress[0].from" }],
    },
    {
      name: "a policy whose name is not known yet, where some are public",
      objects: [policy({ ingress: [{}], egress: [{ to: [inNamespace("x")] }] }, unknown)],
      settings: { publicPolicies: ["sample/ingress"] },
      expect: [{ path: "spec.ingress[0].from", verdict: "undecidable" }],
    },
    {
      name: "peers that are not known yet beside a rule without any",
      objects: [ingressPolicy({ from: unknown }, {}, { from: [{ ipBlock: { cidr: unknown } }] })],
      expect: [
        { path: "spec.ingress[0].from", verdict: "undecidable" },
        { path: "spec.ingress[0].from", verdict: "undecidable", rule: "peer-namespace" },
        { path: "spec.ingress[0].from", verdict: "undecidable", rule: "peer-selects-nothing" },
        { path: "spec.ingress[1].from" },
        { path: "spec.ingress[2].from[0].ipBlock.cidr", verdict: "undecidable" },
      ],
    },
    {
      name: "an exception that is not known yet",
      objects: [
        egress({ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", unknown] } }], ports: [{ port: 443 }] }),
      ],
      expect: [{ path: "spec.egress[0].to[0].ipBlock.except", verdict: "undecidable" }],
    },
    {
      name: "an old version of the kind",
      objects: [policy({ ingress: [{}] }, "old", { apiVersion: "extensions/v1beta1" })],
      expect: [{ path: "spec.ingress[0].from" }],
    },
  ],
};
