import type { ObjectRule } from "../../core/rule.ts";
import { type Answer, all } from "../../kube/selectors.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { covers, parseRange } from "./addresses.ts";
import { egress, inNamespace, policy } from "./cases.ts";
import { allowsPort, isNetworkPolicy, rulesOf } from "./policies.ts";
import type { NetworkSettings } from "./settings.ts";

// Where clouds hand out the node's credentials, over plain HTTP: AWS, Azure, Google Cloud, Oracle, DigitalOcean; AWS
// over IPv6; Alibaba Cloud. From their documentation.
const addresses = ["169.254.169.254", "fd00:ec2::254", "100.100.100.200"];
const httpPort = 80;

const metadataRanges = addresses.flatMap((address) => parseRange(address) ?? []);

function reaches(block: Field): Answer {
  const [cidr, except] = [block.at("cidr"), block.at("except")];
  if (cidr.unknown) return undefined;
  const range = parseRange(cidr.text ?? "");
  if (range === undefined) return false;
  const within = metadataRanges.filter((one) => covers([range], one));
  const excepted = except.items().flatMap((one) => (one.text === undefined ? [] : (parseRange(one.text) ?? [])));
  const open = within.some((one) => !covers(excepted, one));
  return open && except.items().some((one) => one.unknown) ? undefined : open;
}

/** The way to the cloud's metadata. Rules that cannot reach port 80 are let through: nothing else answers there. */
export const metadataEgress: ObjectRule<NetworkSettings> = {
  id: "metadata-egress",
  subject: "object",
  kinds: ["NetworkPolicy"],
  level: "mandatory",
  title: "No network policy lets pods reach the cloud's metadata address.",
  why: "That address hands the node's credentials to whoever asks, so one pod becomes the node and its cloud account.",
  fix: "except 169.254.0.0/16 (and fd00:ec2::254, 100.100.100.200) from the range, or allow single ports without 80",
  check(object, report) {
    if (!isNetworkPolicy(object)) return;
    for (const rule of rulesOf(object, "Egress").items()) {
      const [to, http] = [rule.at("to"), allowsPort(rule, "TCP", httpPort)];
      const say = (field: Field, answer: Answer) => {
        const both = all([answer, http]);
        if (both === true) report.violated(field, "includes the address with the node's credentials");
        else if (both === undefined) report.undecidable(field);
      };
      if (to.unknown) say(to, undefined);
      else if (to.items().length === 0) say(to, true);
      else
        for (const peer of to.items().filter((one) => !one.at("ipBlock").absent))
          say(peer.at("ipBlock"), reaches(peer.at("ipBlock")));
    }
  },
  good: [
    { name: "a namespace", objects: [egress({ to: [inNamespace("kube-system")] })] },
    { name: "a range beside it", objects: [egress({ to: [{ ipBlock: { cidr: "169.254.20.10/32" } }] })] },
    { name: "no address at all", objects: [egress({ to: [{ ipBlock: { cidr: "169.254.169.254.1/32" } }] })] },
    {
      name: "a policy of another group",
      objects: [policy({ egress: [{}] }, "other", { apiVersion: "projectcalico.org/v3" })],
    },
    {
      name: "excepted",
      objects: [egress({ to: [{ ipBlock: { cidr: "169.254.0.0/16", except: ["169.254.169.0/24"] } }] })],
    },
    {
      name: "another port",
      objects: [egress({ to: [{ ipBlock: { cidr: "169.254.169.254/32" } }], ports: [{ port: 53, protocol: "UDP" }] })],
    },
  ],
  bad: [
    ...["169.254.169.254/32", "169.254.0.0/16", "fd00:ec2::254/128", "100.100.100.200/32"].map((cidr) => ({
      name: cidr,
      objects: [egress({ to: [{ ipBlock: { cidr } }] })],
      expect: [{ path: "spec.egress[0].to[0].ipBlock" }],
    })),
    {
      name: "the IPv6 address in other words",
      objects: [egress({ to: [{ ipBlock: { cidr: "FD00:0ec2:0:0:0:0:0:0254/128" } }], ports: [{ port: 80 }] })],
      expect: [{ path: "spec.egress[0].to[0].ipBlock" }],
    },
    {
      name: "in a range of ports",
      objects: [egress({ to: [{ ipBlock: { cidr: "169.254.0.0/16" } }], ports: [{ port: 1, endPort: 1024 }] })],
      expect: [{ path: "spec.egress[0].to[0].ipBlock" }],
    },
    {
      name: "everyone",
      objects: [egress({ ports: [{ port: 443 }, { port: 80 }] })],
      expect: [{ path: "spec.egress[0].to" }, { path: "spec.egress[0].to", rule: "open-policy" }],
    },
    {
      name: "another address is excepted",
      objects: [egress({ to: [{ ipBlock: { cidr: "169.254.0.0/16", except: ["169.254.170.0/24"] } }] })],
      expect: [{ path: "spec.egress[0].to[0].ipBlock" }],
    },
    {
      name: "a range that is not known yet",
      objects: [egress({ to: [{ ipBlock: { cidr: unknown } }] })],
      expect: [
        { path: "spec.egress[0].to[0].ipBlock", verdict: "undecidable" },
        { path: "spec.egress[0].to[0].ipBlock.cidr", verdict: "undecidable", rule: "open-policy" },
      ],
    },
    {
      name: "a port and an exception that are not known yet",
      objects: [
        egress(
          { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }], ports: [{ port: unknown }] },
          { to: [{ ipBlock: { cidr: "169.254.0.0/16", except: [unknown] } }] },
          { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }], ports: [{ port: unknown }, { port: 80 }] },
        ),
      ],
      expect: [
        { path: "spec.egress[0].to[0].ipBlock", verdict: "undecidable" },
        { path: "spec.egress[1].to[0].ipBlock", verdict: "undecidable" },
        { path: "spec.egress[2].to[0].ipBlock" },
        { path: "spec.egress[0].ports[0].port", verdict: "undecidable", rule: "port-name" },
        { path: "spec.egress[2].ports[0].port", verdict: "undecidable", rule: "port-name" },
      ],
    },
  ],
};
