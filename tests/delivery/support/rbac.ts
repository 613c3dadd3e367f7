/** Who may do what, by the engine that Argo CD judges with. */
import { type Enforcer, newEnforcer, newModelFromString, StringAdapter } from "casbin";
import { globMatch } from "./glob.ts";
import type { Project } from "./project.ts";

/** Argo CD's model (argo-cd, assets/model.conf). */
const model = `
[request_definition]
r = sub, res, act, obj

[policy_definition]
p = sub, res, act, obj, eft

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = g(r.sub, p.sub) && globOrRegexMatch(r.res, p.res) && globOrRegexMatch(r.act, p.act) && globOrRegexMatch(r.obj, p.obj)
`;

/** The roles that Argo CD brings, in short; nobody of ours is in one (argo-cd, assets/builtin-policy.csv). */
const builtIn = [
  "p, role:readonly, *, get, *, allow",
  "p, role:admin, *, *, *, allow",
  "g, role:admin, role:readonly",
  "g, admin, role:admin",
];

/** A person who is logged in. */
export interface Person {
  groups: readonly string[];
}

/** What somebody wants to do; `object` is project/application. */
export interface Wish {
  resource: string;
  action: string;
  object: string;
}

/** What Argo CD makes of a project: its policies, the right to see it, and its groups as members of its roles. */
export function projectPolicies(name: string, { roles }: Pick<Project, "roles">): string[] {
  return roles.flatMap((role) => [
    `p, proj:${name}:${role.name}, projects, get, ${name}, allow`,
    ...role.policies,
    ...role.groups.map((group) => `g, ${group}, proj:${name}:${role.name}`),
  ]);
}

async function enforcerOf(policies: readonly string[]): Promise<Enforcer> {
  const enforcer = await newEnforcer(
    newModelFromString(model),
    new StringAdapter([...builtIn, ...policies].join("\n")),
  );
  enforcer.addFunction("globOrRegexMatch", (text: string, pattern: string) => globMatch(pattern, text));
  return enforcer;
}

/** Decides as Argo CD does: the policies of the object's project, for each group of the person, and a default role. */
export async function judgeOf(
  projects: readonly { name: string; spec: Pick<Project, "roles"> }[],
  defaultRole: string,
): Promise<(person: Person, wish: Wish) => Promise<boolean>> {
  const enforcers = new Map<string, Enforcer>();
  for (const { name, spec } of projects) enforcers.set(name, await enforcerOf(projectPolicies(name, spec)));
  const none = await enforcerOf([]);
  return async ({ groups }, { resource, action, object }) => {
    const enforcer = enforcers.get(object.split("/")[0] ?? "") ?? none;
    for (const subject of [...(defaultRole === "" ? [] : [defaultRole]), ...groups, ""]) {
      if (await enforcer.enforce(subject, resource, action, object)) return true;
    }
    return false;
  };
}
