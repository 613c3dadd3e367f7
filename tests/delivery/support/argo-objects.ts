/** Argo CD's own objects of a stack. */
import type { Changes, StackName } from "../../support/stacks.ts";
import { engineObjects, groupOf, type Located } from "./delivered.ts";
import type { Destination, Project } from "./project.ts";

/** `spec` of an Application, as far as tests look at it. */
export interface ApplicationSpec {
  project: string;
  source: { repoURL: string; targetRevision: string; path: string };
  destination: Destination;
  syncPolicy: {
    automated?: { prune: boolean; selfHeal: boolean };
    syncOptions: string[];
    retry: { limit: number; backoff: { duration: string; factor: number; maxDuration: string } };
  };
  ignoreDifferences: { group: string; kind: string; jsonPointers: string[] }[];
}

/** `spec` of an ApplicationSet, as far as tests look at it. */
export interface ApplicationSetSpec {
  goTemplate: boolean;
  goTemplateOptions: string[];
  generators: [{ list: { elements: Record<string, string>[] } }];
  syncPolicy: { preserveResourcesOnDeletion: boolean };
  strategy?: {
    type: string;
    rollingSync: { steps: { matchExpressions: { key: string; operator: string; values: string[] }[] }[] };
  };
  template: {
    metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
    spec: ApplicationSpec;
  };
}

/** One of Argo CD's own objects. */
export interface Own<Spec> {
  region: string;
  name: string;
  metadata: Located["object"]["metadata"] & { finalizers?: string[] };
  spec: Spec;
}

async function ofKind<Spec>(kind: string, stack: StackName, changes: Changes): Promise<Own<Spec>[]> {
  return (await engineObjects(stack, changes))
    .filter(({ object }) => groupOf(object) === "argoproj.io" && object.kind === kind)
    .map(({ region, object }) => ({
      region,
      name: object.metadata.name,
      metadata: object.metadata,
      spec: object.spec as Spec,
    }));
}

/** Projects of a stack. */
export function projects(stack: StackName, changes: Changes): Promise<Own<Project>[]> {
  return ofKind("AppProject", stack, changes);
}

/** ApplicationSets of a stack. */
export function applicationSets(stack: StackName, changes: Changes): Promise<Own<ApplicationSetSpec>[]> {
  return ofKind("ApplicationSet", stack, changes);
}

/** Applications that an ApplicationSet makes: each "{{.key}}" of the template stands for that of an element. */
export function madeOf({ region, spec }: Own<ApplicationSetSpec>): Own<ApplicationSpec>[] {
  return spec.generators[0].list.elements.map((element) => {
    const text = JSON.stringify(spec.template).replace(/\{\{\.(\w+)\}\}/g, (_, key: string) => {
      const value = element[key];
      // As with missingkey=error.
      if (value === undefined) throw new Error(`the template asks for ${key}, which no element has`);
      return value;
    });
    const { metadata, spec: made } = JSON.parse(text) as ApplicationSetSpec["template"];
    // An empty address or name is none.
    const destination = Object.fromEntries(Object.entries(made.destination).filter(([, value]) => value !== ""));
    return {
      region,
      name: metadata.name,
      metadata,
      spec: { ...made, destination: destination as unknown as Destination },
    };
  });
}

/** Applications of a stack: those that it says itself, and those that its ApplicationSets make. */
export async function applications(stack: StackName, changes: Changes): Promise<Own<ApplicationSpec>[]> {
  const said = await ofKind<ApplicationSpec>("Application", stack, changes);
  return [...said, ...(await applicationSets(stack, changes)).flatMap(madeOf)];
}
