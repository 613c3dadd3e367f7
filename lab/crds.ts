/** Custom resource definitions of the add-ons, installed in place of the add-ons themselves. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { fetchBytes } from "./download.ts";
import type { Progress } from "./tool-cache.ts";

const run = promisify(execFile);
const raw = "https://raw.githubusercontent.com";

/**
 * Where the definitions of each project are when `LAB_CRDS` does not name a folder that has them: the release file where a
 * project publishes one, else the files of the tagged source.
 */
export const crdSources = {
  keda: ["https://github.com/kedacore/keda/releases/download/v2.20.2/keda-2.20.2-crds.yaml"],
  "vertical-pod-autoscaler": [
    `${raw}/kubernetes/autoscaler/vertical-pod-autoscaler-1.7.1/vertical-pod-autoscaler/deploy/vpa-v1-crd-gen.yaml`,
  ],
  "gateway-api": ["https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.6.1/standard-install.yaml"],
  "cert-manager": ["https://github.com/cert-manager/cert-manager/releases/download/v1.21.1/cert-manager.crds.yaml"],
  "argo-cd": ["application", "applicationset", "appproject"].map(
    (kind) => `${raw}/argoproj/argo-cd/v3.5.1/manifests/crds/${kind}-crd.yaml`,
  ),
  "prometheus-operator": [
    "https://github.com/prometheus-operator/prometheus-operator/releases/download/v0.93.0/bundle.yaml",
  ],
  "external-secrets": [`${raw}/external-secrets/external-secrets/v2.9.0/deploy/crds/bundle.yaml`],
  "mysql-operator": [`${raw}/mysql/mysql-operator/9.1.0-2.2.2/deploy/deploy-crds.yaml`],
  "cloudnative-pg": ["https://github.com/cloudnative-pg/cloudnative-pg/releases/download/v1.30.0/cnpg-1.30.0.yaml"],
  strimzi: ["https://github.com/strimzi/strimzi-kafka-operator/releases/download/1.2.0/strimzi-crds-1.2.0.yaml"],
  "envoy-gateway": ["https://github.com/envoyproxy/gateway/releases/download/v1.9.0/envoy-gateway-crds.yaml"],
} as const satisfies Record<string, readonly string[]>;

/** A project whose definitions the lab can install. */
export type CrdProject = keyof typeof crdSources;

/** What a lab installs when nobody says otherwise: what stacks use, and Argo CD for those that are delivered by it. */
export const defaultCrds: readonly CrdProject[] = [
  "keda",
  "vertical-pod-autoscaler",
  "mysql-operator",
  "cloudnative-pg",
  "strimzi",
  "prometheus-operator",
  "argo-cd",
];

/** Throws one error that names every unknown project. */
export function checkProjects(projects: readonly string[]): asserts projects is readonly CrdProject[] {
  const unknown = projects.filter((project) => !(project in crdSources));
  if (unknown.length === 0) return;
  throw new Error(`unknown definitions: ${unknown.join(", ")}; want some of ${Object.keys(crdSources).join(", ")}`);
}

/** The CustomResourceDefinition documents in texts that may hold several documents and other kinds. */
export function definitionsIn(texts: readonly string[]): { metadata: { name: string } }[] {
  const documents = texts
    .flatMap((text) => parseAllDocuments(text))
    .map((document) => {
      const [problem] = document.errors;
      if (problem) throw problem;
      return document.toJS() as { kind?: string; metadata: { name: string } } | null;
    });
  return documents.filter((document) => document?.kind === "CustomResourceDefinition") as {
    metadata: { name: string };
  }[];
}

/** Reads the definitions of a project from the folder `LAB_CRDS`, else from the pinned addresses. */
export async function readDefinitions(
  project: CrdProject,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ metadata: { name: string } }[]> {
  const folder = environment.LAB_CRDS ? join(environment.LAB_CRDS, project) : undefined;
  let texts: string[];
  if (folder && existsSync(folder)) {
    const files = readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
    texts = files.map((name) => readFileSync(join(folder, name), "utf8"));
  } else {
    try {
      texts = await Promise.all(crdSources[project].map(async (url) => (await fetchBytes(url)).toString("utf8")));
    } catch (error) {
      const hint = "set LAB_CRDS to a folder with one subfolder per project";
      throw new Error(`definitions of ${project}: ${(error as Error).message}; offline, ${hint}`, { cause: error });
    }
  }
  const found = definitionsIn(texts);
  if (found.length === 0)
    throw new Error(`definitions of ${project}: none in ${folder ?? crdSources[project].join(", ")}`);
  return found;
}

/** Applies the definitions of the projects to one region and waits until the API server serves them. */
export async function installCrds(
  projects: readonly CrdProject[],
  target: { region: string; kubectl: string; kubeconfig: string; folder: string },
  onProgress: Progress,
): Promise<void> {
  if (projects.length === 0) return;
  const definitions = (await Promise.all(projects.map((project) => readDefinitions(project)))).flat();
  const file = join(target.folder, "definitions.yaml");
  // JSON, since kubectl reads YAML 1.1, in which an unquoted Off is false.
  writeFileSync(file, definitions.map((definition) => JSON.stringify(definition)).join("\n---\n"));
  const kubectl = (args: string[]) =>
    run(target.kubectl, ["--kubeconfig", target.kubeconfig, ...args], { maxBuffer: 64 * 1024 * 1024 });
  await kubectl(["apply", "--server-side", "--filename", file]);
  const names = definitions.map(({ metadata }) => `customresourcedefinition/${metadata.name}`);
  await kubectl(["wait", "--for=condition=Established", "--timeout=120s", ...names]);
  onProgress(`${target.region}: ${names.length} definitions of ${projects.join(", ")}`);
}
