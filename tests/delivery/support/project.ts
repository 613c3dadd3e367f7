/** What Argo CD asks an AppProject, as its own source does (argo-cd, pkg/apis/application/v1alpha1/app_project_types.go). */
import { groupOf, type Located } from "./delivered.ts";
import { globMatch } from "./glob.ts";

/** Where objects go. */
export interface Destination {
  server?: string;
  name?: string;
  namespace: string;
}

/** `spec` of a project, as far as it is asked. */
export interface Project {
  sourceRepos: string[];
  destinations: Destination[];
  namespaceResourceWhitelist: { group: string; kind: string }[];
  clusterResourceWhitelist?: { group: string; kind: string }[];
  roles: { name: string; groups: string[]; policies: string[] }[];
  syncWindows?: SyncWindow[];
}

/** A time in which Applications may be synced. */
export interface SyncWindow {
  kind: string;
  schedule: string;
  duration: string;
  timeZone: string;
  applications: string[];
  manualSync: boolean;
}

/** True where Applications of the project may come from the repository. */
export function permitsSource({ sourceRepos }: Project, url: string): boolean {
  return sourceRepos.some((pattern) => globMatch(pattern, url));
}

/** True where Applications of the project may go there: the same cluster, by address or by name, and the namespace. */
export function permitsDestination(
  { destinations }: Project,
  { server = "", name = "", namespace }: Destination,
): boolean {
  return destinations.some((one) => {
    const byServer = server !== "" && globMatch(one.server ?? "", server);
    const byName = name !== "" && globMatch(one.name ?? "", name);
    return (byServer || byName) && globMatch(one.namespace, namespace);
  });
}

/** True where a kind may be applied. A kind of the cluster needs a list that projects have only when they say it. */
export function permitsKind(
  project: Project,
  { group, kind, namespaced }: { group: string; kind: string; namespaced: boolean },
): boolean {
  const list = namespaced ? project.namespaceResourceWhitelist : (project.clusterResourceWhitelist ?? []);
  return list.some((one) => globMatch(one.group, group) && globMatch(one.kind, kind));
}

/** Why Argo CD would not apply an object of an Application; empty where it would. */
export function refusals(
  project: Project,
  { source, destination }: { source: { repoURL: string }; destination: Destination },
  { object }: Located,
): string[] {
  const { namespace } = object.metadata;
  const gone = { ...destination, namespace: namespace ?? destination.namespace };
  return [
    ...(permitsSource(project, source.repoURL) ? [] : [`repository ${source.repoURL}`]),
    ...(permitsDestination(project, gone) ? [] : [`destination ${JSON.stringify(gone)}`]),
    ...(permitsKind(project, { group: groupOf(object), kind: object.kind, namespaced: namespace !== undefined })
      ? []
      : [`kind ${object.kind}`]),
  ];
}

const actions = ["get", "create", "update", "delete", "sync", "override", "*"];
const resources = ["applications", "applicationsets", "repositories", "exec", "logs", "clusters"];

function policyMistakes(project: string, role: string, policy: string): string[] {
  const [type, subject, resource = "", action = "", object = "", effect = "", ...rest] = policy
    .split(",")
    .map((part) => part.trim());
  const right =
    type === "p" &&
    rest.length === 0 &&
    subject === `proj:${project}:${role}` &&
    resources.includes(resource) &&
    (actions.includes(action) || /^(action|update|delete)\/./.test(action)) &&
    new RegExp(`^${project}(/[*\\w.-]+)?/[*\\w.-]+$`).test(object) &&
    ["allow", "deny"].includes(effect);
  return right ? [] : [`policy ${policy}`];
}

function repeated(what: string, values: readonly string[]): string[] {
  return values.filter((one, index) => values.indexOf(one) !== index).map((one) => `${what} ${one} is there twice`);
}

/** Why Argo CD's API would refuse the project, and then every edit of it: a token, a window, a role. */
export function projectMistakes(name: string, project: Project): string[] {
  const windows = project.syncWindows ?? [];
  return [
    ...repeated(
      "destination",
      project.destinations.map((one) => `${one.server ?? one.name}/${one.namespace}`),
    ),
    ...repeated("repository", project.sourceRepos),
    ...repeated(
      "role",
      project.roles.map((role) => role.name),
    ),
    ...repeated(
      "window",
      // The time zone does not count.
      windows.map(({ kind, schedule, duration }) => `${kind} ${schedule} ${duration}`),
    ),
    ...windows
      .filter(({ applications }) => applications.length === 0)
      .map(({ schedule }) => `window ${schedule} is for nothing`),
    ...project.roles.flatMap((role) => [
      ...repeated("group", role.groups),
      ...repeated("policy", role.policies),
      ...role.policies.flatMap((policy) => policyMistakes(name, role.name, policy)),
    ]),
  ];
}
