import type { ClusterRule, ExpectedFinding } from "../../core/rule.ts";
import { isYes } from "../../kube/annotations.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { hostRule, ingress, path, plainService } from "./cases.ts";
import { hostRules, isIngress, pathsOf } from "./ingress-rules.ts";
import type { NetworkSettings } from "./settings.ts";

const classAnnotation = "kubernetes.io/ingress.class";
const canary = "nginx.ingress.kubernetes.io/canary";

/** One path of one host. A part is undefined where it is not known yet. */
interface Entry {
  field: Field;
  object: KubeObject;
  /** Class of the controller, host, path with its type. */
  parts: readonly (string | undefined)[];
  /** It may be a canary, which shares host and path on purpose. */
  maybeCanary: boolean;
  /** It stands for a list that is not known yet, which may hold one path twice. */
  many: boolean;
}

function classOf(object: KubeObject): string | undefined {
  const [present, old] = [
    object.root.at("spec", "ingressClassName"),
    object.root.at("metadata", "annotations", classAnnotation),
  ];
  const field = present.absent ? old : present;
  return field.unknown ? undefined : (field.text ?? "");
}

// "/a" and "/a/" are one prefix; an absent path is the root, an absent type the controller's own.
function pathOf(one: Field): string | undefined {
  const [type, path] = [one.at("pathType"), one.at("path")];
  if (type.unknown || path.unknown) return undefined;
  const text = path.text ?? "/";
  const plain = type.text === "Exact" || !text.endsWith("/") ? text : text.slice(0, -1);
  return `${type.text ?? "ImplementationSpecific"} ${plain}`;
}

function entriesOf(object: KubeObject): Entry[] {
  const own = classOf(object);
  const maybeCanary = object.root.at("metadata", "annotations", canary).unknown;
  return hostRules(object).flatMap((rule) => {
    const host = rule.at("host");
    const name = host.unknown ? undefined : (host.text ?? "").toLowerCase();
    return pathsOf(rule).map((one) => ({
      field: one.at("path"),
      object,
      parts: [own, name, pathOf(one)],
      maybeCanary,
      many: one.unknown,
    }));
  });
}

function keyOf(parts: readonly (string | undefined)[], known: readonly boolean[]): string {
  return JSON.stringify(parts.map((part, index) => (known[index] === true ? part : null)));
}

const isKnown = (part: string | undefined) => part !== undefined;

// A patch says only a part.
function counts(object: KubeObject): boolean {
  return isIngress(object) && !object.partial && !isYes(object.root.at("metadata", "annotations", canary).value);
}

/** Paths of all Ingresses of a cluster, whatever their namespace: controllers merge them. */
export const uniqueHostPath: ClusterRule<NetworkSettings> = {
  id: "unique-host-path",
  subject: "cluster",
  arrivals: ["Ingress"],
  level: "mandatory",
  title: "Each path of a host is led to one place.",
  why: "Of two Ingresses for one path, the controller takes the older or the first: players reach the wrong one.",
  fix: "change the host or the path, or remove one of the two",
  check(cluster, report) {
    const entries = cluster.ofKind("Ingress").filter(counts).flatMap(entriesOf);
    const [sure, vague] = [
      entries.filter((one) => one.parts.every(isKnown)),
      entries.filter((one) => !one.parts.every(isKnown)),
    ];
    const everything = [true, true, true];
    const groups = new Map<string, Entry[]>();
    for (const entry of sure) {
      const key = keyOf(entry.parts, everything);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [entry]);
      else group.push(entry);
    }
    for (const group of [...groups.values()].filter(({ length }) => length > 1)) {
      const [, ...second] = group.filter(({ maybeCanary }) => !maybeCanary);
      for (const at of second) report.violated(at, "another rule has the same host and path");
      for (const at of group.filter(({ maybeCanary }) => maybeCanary)) report.undecidable(at);
    }
    // What is known of an entry decides which others it may meet; those that know the same are looked up together.
    const masks = new Map(vague.map(({ parts }) => [String(parts.map(isKnown)), parts.map(isKnown)]));
    for (const known of masks.values()) {
      const alike = vague.filter(({ parts }) => String(parts.map(isKnown)) === String(known));
      const times = new Map<string, number>();
      for (const { parts } of [...sure, ...alike]) {
        times.set(keyOf(parts, known), (times.get(keyOf(parts, known)) ?? 0) + 1);
      }
      for (const { field, object, parts, many } of alike) {
        if (many || (times.get(keyOf(parts, known)) ?? 0) > 1) report.undecidable({ field, object });
      }
    }
  },
  good: [
    {
      name: "two hosts",
      objects: [ingress(), ingress({ rules: [hostRule("b.example.com")] }, {}, "b"), plainService()],
    },
    {
      name: "two paths, and one path as a prefix and exact",
      objects: [
        ingress({
          rules: [hostRule("a.example.com", path(), path({ path: "/a" }), path({ path: "/a", pathType: "Exact" }))],
        }),
        plainService(),
      ],
    },
    { name: "two classes", objects: [ingress(), ingress({ ingressClassName: "other" }, {}, "b"), plainService()] },
    { name: "a canary", objects: [ingress(), ingress({}, { [canary]: "true" }, "b"), plainService()] },
  ],
  bad: [
    {
      name: "two Ingresses",
      objects: [ingress(), ingress({}, {}, "b"), plainService()],
      expect: [{ path: "spec.rules[0].http.paths[0].path" }],
    },
    {
      name: "two rules of one Ingress, the host in another case",
      objects: [ingress({ rules: [hostRule(), hostRule("A.example.com")] }), plainService()],
      expect: [{ path: "spec.rules[1].http.paths[0].path" }],
    },
    {
      name: "two spellings of a prefix",
      objects: [
        ingress({ rules: [hostRule("a.example.com", path({ path: "/a" }), path({ path: "/a/" }))] }),
        plainService(),
      ],
      expect: [{ path: "spec.rules[0].http.paths[1].path" }],
    },
    {
      name: "the root, written and not",
      objects: [ingress({ rules: [hostRule("a.example.com", path(), path({ path: null }))] }), plainService()],
      expect: [{ path: "spec.rules[0].http.paths[1].path" }],
    },
    {
      name: "the class in a field and in an annotation",
      objects: [
        ingress(),
        ingress({ ingressClassName: undefined }, { [classAnnotation]: "nginx" }, "b"),
        plainService(),
      ],
      expect: [{ path: "spec.rules[0].http.paths[0].path" }],
    },
    {
      name: "a path that is not known yet, of a host with another path",
      objects: [
        ingress({ rules: [hostRule("a.example.com", path(), path({ path: unknown }))] }),
        ingress({ rules: [hostRule("b.example.com", path({ path: unknown }))] }, {}, "b"),
        plainService(),
      ],
      expect: [{ path: "spec.rules[0].http.paths[1].path", verdict: "undecidable" }],
    },
    {
      name: "whether it is a canary, and another class, are not known yet",
      objects: [
        ingress(),
        ingress({}, { [canary]: unknown }, "b"),
        ingress({ ingressClassName: unknown, rules: [hostRule("a.example.com", path({ path: "/" }))] }, {}, "c"),
        ingress({ ingressClassName: unknown, rules: [hostRule("d.example.com")] }, {}, "d"),
        plainService(),
      ],
      expect: Array.from({ length: 2 }, () => ({
        path: "spec.rules[0].http.paths[0].path",
        verdict: "undecidable" as const,
      })),
    },
    {
      name: "paths of one host that are not known yet may be one path twice",
      objects: [ingress({ rules: [{ host: "a.example.com", http: { paths: unknown } }] })],
      expect: ["unique-host-path", "backend"].map(
        (rule): ExpectedFinding => ({ path: "spec.rules[0].http.paths", verdict: "undecidable", rule }),
      ),
    },
    {
      name: "a type of a path that is not known yet",
      objects: [ingress({ rules: [hostRule("a.example.com", path(), path({ pathType: unknown }))] }), plainService()],
      expect: [{ path: "spec.rules[0].http.paths[1].path", verdict: "undecidable" }],
    },
    {
      name: "two hosts that are not known yet",
      objects: [ingress({ tls: [{}], rules: [hostRule(unknown), hostRule(unknown)] }), plainService()],
      expect: [
        { path: "spec.rules[0].http.paths[0].path", verdict: "undecidable" },
        { path: "spec.rules[1].http.paths[0].path", verdict: "undecidable" },
        { path: "spec.rules[0].host", verdict: "undecidable", rule: "wildcard-host" },
        { path: "spec.rules[1].host", verdict: "undecidable", rule: "wildcard-host" },
      ],
    },
  ],
};
