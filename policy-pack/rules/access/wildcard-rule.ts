import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { access, clusterRole, role } from "./cases.ts";
import { isRbac, roleKinds } from "./kinds.ts";
import type { AccessSettings } from "./settings.ts";

// A path of the API server may end in "/*" for what lies below it; the whole server may not.
const wholeServer = new Set(["*", "/*"]);

const isWild: Readonly<Record<string, (item: string) => boolean>> = {
  apiGroups: (item) => item.includes("*"),
  resources: (item) => item.includes("*"),
  verbs: (item) => item.includes("*"),
  nonResourceURLs: (item) => wholeServer.has(item),
};

/** CIS Kubernetes Benchmark, 5.1.3. */
export const wildcardRule: ObjectRule<AccessSettings> = {
  id: "wildcard-rule",
  subject: "object",
  kinds: roleKinds,
  level: "mandatory",
  title: "Roles list verbs, resources and groups, never a wildcard.",
  why: "A wildcard grants what nobody thought of, and what later versions and operators add.",
  fix: "list what the account needs",
  check(object, report) {
    if (!isRbac(object)) return;
    for (const rule of object.root.at("rules").items()) {
      for (const [key, wild] of Object.entries(isWild)) {
        for (const item of rule.at(key).items()) {
          report.check(item, (value) => typeof value !== "string" || !wild(value), `a wildcard in ${key}`);
        }
      }
    }
  },
  good: [
    { name: "everything is listed", objects: [role(access())] },
    { name: "no rules", objects: [clusterRole({ rules: null })] },
    {
      name: "paths below one path",
      objects: [clusterRole({ rules: [{ nonResourceURLs: ["/healthz/*"], verbs: ["get"] }] })],
    },
    {
      name: "a role of another group",
      objects: [{ ...role(access({ verbs: ["*"] })), apiVersion: "authorization.openshift.io/v1" }],
    },
  ],
  bad: [
    { name: "all verbs", objects: [role(access({ verbs: ["get", "*"] }))], expect: [{ path: "rules[0].verbs[1]" }] },
    {
      name: "all resources of a harmless group",
      objects: [role(access({ apiGroups: ["events.k8s.io"], resources: ["*"] }))],
      expect: [{ path: "rules[0].resources[0]" }],
    },
    {
      name: "everything below a resource",
      objects: [role(access({ resources: ["configmaps/*"] }))],
      expect: [{ path: "rules[0].resources[0]" }],
    },
    {
      name: "one subresource of everything",
      objects: [role(access({ resources: ["*/scale"] }))],
      expect: [{ path: "rules[0].resources[0]" }],
    },
    {
      name: "all groups, in the second rule",
      objects: [role(access(), access({ apiGroups: ["*"] }))],
      expect: [{ path: "rules[1].apiGroups[0]" }],
    },
    {
      name: "all verbs of one named object",
      objects: [role(access({ verbs: ["*"], resourceNames: ["sample"] }))],
      expect: [{ path: "rules[0].verbs[0]" }],
    },
    ...[...wholeServer].map((path) => ({
      name: `all paths, as ${path}`,
      objects: [clusterRole({ rules: [{ nonResourceURLs: [path], verbs: ["get"] }] })],
      expect: [{ path: "rules[0].nonResourceURLs[0]" }],
    })),
    {
      name: "all verbs of resources that are not known yet",
      objects: [role(access({ apiGroups: ["events.k8s.io"], resources: ["events", unknown], verbs: ["*"] }))],
      expect: [{ path: "rules[0].verbs[0]" }, { path: "rules[0].resources[1]", verdict: "undecidable" }],
    },
    {
      name: "a patch of a role",
      objects: [{ type: "kubernetes:rbac.authorization.k8s.io/v1:RolePatch", props: role(access({ verbs: ["*"] })) }],
      expect: [{ path: "rules[0].verbs[0]" }],
    },
  ],
};
