import type { ObjectRule } from "../../core/rule.ts";
import { type Answer, all } from "../../kube/selectors.ts";
import { type Field, unknown } from "../../kube/tree.ts";
import { access, clusterRole, role } from "./cases.ts";
import { isRbac, roleKinds } from "./kinds.ts";
import { type DangerousRight, dangerousRights } from "./rights.ts";
import type { AccessSettings } from "./settings.ts";

/** What a list says, read once: a role may have many entries. */
interface List {
  texts: ReadonlySet<string>;
  unknown: boolean;
}

// Each key of a user's extra data is a subresource, such as userextras/scopes: what counts is that it is one of them.
function list(field: Field): List {
  const items = field.items();
  return {
    texts: new Set(
      items
        .map((item) => (item.text?.startsWith("userextras/") === true ? "userextras" : item.text))
        .filter((text) => text !== undefined),
    ),
    unknown: items.some((item) => item.unknown),
  };
}

function holds({ texts, unknown }: List, wanted: readonly string[]): Answer {
  if (wanted.some((one) => texts.has(one))) return true;
  return unknown ? undefined : false;
}

// RBAC knows "*" and "*/subresource". "pods/*" matches nothing there, but whoever writes it means every subresource.
function spellings(resource: string): string[] {
  const [parent = "", sub] = resource.split("/");
  return sub === undefined ? [resource, "*"] : [resource, "*", `*/${sub}`, `${parent}/*`];
}

const wanted = dangerousRights.map((right) => ({
  ...right,
  groups: [...right.groups, "*"],
  resources: right.resources.flatMap(spellings),
  verbs: [...right.verbs, "*"],
}));

// With names, a right reaches those objects only, and none that is still to be made. But the empty name is that of
// every call without a name: of create and of list.
function narrowed(names: Field): Answer {
  if (names.unknown) return undefined;
  const items = names.items();
  if (items.length === 0 || items.some((item) => item.text === "")) return false;
  return items.some((item) => item.unknown) ? undefined : true;
}

function granted(rule: Field): { right: DangerousRight; answer: Answer }[] {
  const [groups, resources, verbs] = [list(rule.at("apiGroups")), list(rule.at("resources")), list(rule.at("verbs"))];
  const narrow = narrowed(rule.at("resourceNames"));
  const wide = narrow === undefined ? undefined : !narrow;
  return wanted.map((right) => ({
    right,
    answer: all([holds(groups, right.groups), holds(resources, right.resources), holds(verbs, right.verbs), wide]),
  }));
}

/** CIS Kubernetes Benchmark, 5.1.2, 5.1.4 and 5.1.8 to 5.1.13. One finding for each rule of a role. */
export const dangerousVerbs: ObjectRule<AccessSettings> = {
  id: "dangerous-verbs",
  subject: "object",
  kinds: roleKinds,
  level: "mandatory",
  title: "No role grants what its holder can turn into more.",
  why: "With one of these rights, a break-in into one pod becomes one into the namespace or the cluster.",
  fix: "remove the right, or narrow it to single objects with resourceNames; exempt operators that live from it",
  check(object, report) {
    if (!isRbac(object)) return;
    for (const rule of object.root.at("rules").items()) {
      const rights = granted(rule);
      const violations = rights.filter(({ answer }) => answer === true).map(({ right }) => right.leadsTo);
      if (violations.length > 0) {
        report.violated(rule, `its holder can ${[...new Set(violations)].join(", ")}`);
      } else if (rights.some(({ answer }) => answer === undefined)) report.undecidable(rule);
    }
  },
  good: [
    { name: "a harmless right", objects: [role(access())] },
    {
      name: "a named Secret",
      objects: [role(access({ resources: ["secrets"], verbs: ["get", "list", "watch"], resourceNames: ["sample"] }))],
    },
    { name: "Secrets are written, not read", objects: [role(access({ resources: ["secrets"], verbs: ["create"] }))] },
    {
      name: "Secrets of another group",
      objects: [role(access({ apiGroups: ["example.com"], resources: ["secrets"], verbs: ["get"] }))],
    },
    {
      name: "an object of another group",
      objects: [{ ...role(access({ resources: ["secrets"] })), apiVersion: "authorization.openshift.io/v1" }],
    },
    { name: "pods are read", objects: [role(access({ resources: ["pods", "pods/log"], verbs: ["get", "list"] }))] },
    {
      name: "a named role may be bound",
      objects: [
        clusterRole({
          rules: [
            {
              apiGroups: ["rbac.authorization.k8s.io"],
              resources: ["clusterroles"],
              verbs: ["bind"],
              resourceNames: ["view"],
            },
          ],
        }),
      ],
    },
  ],
  bad: [
    ...dangerousRights
      .flatMap(({ groups: [group = ""], resources, verbs: [first = "", ...more] }) => [
        ...resources.map((resource): [string, string, string] => [group, resource, first]),
        ...more.map((verb): [string, string, string] => [group, resources[0] ?? "", verb]),
      ])
      .map(([group, resource, verb]) => ({
        name: `${verb} ${resource} of the group "${group}"`,
        objects: [role(access({ apiGroups: ["x", group], resources: ["x", resource], verbs: ["x", verb] }))],
        expect: [{ path: "rules[0]" }],
      })),
    {
      name: "one key of a user's extra data",
      objects: [
        role(
          access({ apiGroups: ["authentication.k8s.io"], resources: ["userextras/scopes"], verbs: ["impersonate"] }),
        ),
      ],
      expect: [{ path: "rules[0]" }],
    },
    {
      name: "Secrets among all groups",
      objects: [role(access({ apiGroups: ["*"], resources: ["secrets"] }))],
      expect: [{ path: "rules[0]" }, { path: "rules[0].apiGroups[0]", rule: "wildcard-rule" }],
    },
    {
      name: "Secrets among all resources",
      objects: [role(access({ resources: ["*"] }))],
      expect: [{ path: "rules[0]" }, { path: "rules[0].resources[0]", rule: "wildcard-rule" }],
    },
    {
      name: "reading Secrets among all verbs",
      objects: [role(access({ resources: ["secrets"], verbs: ["*"] }))],
      expect: [{ path: "rules[0]" }, { path: "rules[0].verbs[0]", rule: "wildcard-rule" }],
    },
    ...["pods/*", "*/exec"].map((resource) => ({
      name: `exec among ${resource}`,
      objects: [role(access({ resources: [resource], verbs: ["create"] }))],
      expect: [{ path: "rules[0]" }, { path: "rules[0].resources[0]", rule: "wildcard-rule" }],
    })),
    {
      name: "a named Secret and, with the empty name, every list of them",
      objects: [role(access({ resources: ["secrets"], verbs: ["list"], resourceNames: ["sample", ""] }))],
      expect: [{ path: "rules[0]" }],
    },
    {
      name: "names without a name",
      objects: [role(access({ resources: ["secrets"], resourceNames: [] }))],
      expect: [{ path: "rules[0]" }],
    },
    {
      name: "the second rule of a ClusterRole",
      objects: [clusterRole({ rules: [access(), access({ resources: ["secrets"] })] })],
      expect: [{ path: "rules[1]" }],
    },
    {
      name: "Secrets beside a resource and a verb that are not known yet",
      objects: [role(access({ resources: [unknown, "secrets"], verbs: [unknown, "get"] }))],
      expect: [
        { path: "rules[0]" },
        { path: "rules[0].resources[0]", verdict: "undecidable", rule: "wildcard-rule" },
        { path: "rules[0].verbs[0]", verdict: "undecidable", rule: "wildcard-rule" },
      ],
    },
    {
      name: "a resource that is not known yet",
      objects: [role(access({ resources: [unknown] }))],
      expect: [
        { path: "rules[0]", verdict: "undecidable" },
        { path: "rules[0].resources[0]", verdict: "undecidable", rule: "wildcard-rule" },
      ],
    },
    {
      name: "a verb that is not known yet of a harmless resource, and the reverse",
      objects: [role(access({ verbs: [unknown] }), access({ resources: [unknown], verbs: ["use"] }))],
      expect: [
        { path: "rules[0].verbs[0]", verdict: "undecidable", rule: "wildcard-rule" },
        { path: "rules[1].resources[0]", verdict: "undecidable", rule: "wildcard-rule" },
      ],
    },
    {
      name: "one of the names of Secrets is not known yet: it may be the empty one",
      objects: [role(access({ resources: ["secrets"], resourceNames: ["sample", unknown] }))],
      expect: [{ path: "rules[0]", verdict: "undecidable" }],
    },
    {
      name: "names of Secrets that are not known yet",
      objects: [role(access({ resources: ["secrets"], resourceNames: unknown }))],
      expect: [{ path: "rules[0]", verdict: "undecidable" }],
    },
  ],
};
