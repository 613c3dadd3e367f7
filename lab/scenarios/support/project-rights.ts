/** What an AppProject allows, as Argo CD judges it before it writes anything (`AppProject` in pkg/apis/application). */
import {
  type Application,
  type AppProject,
  type ClusterObject,
  called,
  type GroupKind,
  groupOf,
} from "./argocd-objects.ts";

/** Why a project does not allow an object of an Application; undefined where it does. */
export function refusal(
  { metadata, spec }: AppProject,
  { application, object }: { application: Application; object: ClusterObject },
): string | undefined {
  const { repoURL } = application.spec.source;
  const { server, name } = application.spec.destination;
  const { namespace } = object.metadata;
  const what = called(object);
  const whose = `project ${metadata.name}`;
  if (!spec.sourceRepos.includes(repoURL)) return `${whose} does not allow the repository ${repoURL}`;
  const kinds = namespace === undefined ? (spec.clusterResourceWhitelist ?? []) : spec.namespaceResourceWhitelist;
  const isKind = ({ group, kind }: GroupKind) => group === groupOf(object) && kind === object.kind;
  if (!kinds.some(isKind)) return `${what}: ${whose} does not allow this kind`;
  if (namespace === undefined) return undefined;
  const isPlace = (to: AppProject["spec"]["destinations"][number]) =>
    to.namespace === namespace && to.server === server && to.name === name;
  if (!spec.destinations.some(isPlace)) return `${what}: ${whose} does not allow the namespace ${namespace}`;
  return undefined;
}
