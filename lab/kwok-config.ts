/** The stages that kwok plays in one region: its own for nodes and pods, and the lab's for what clouds and operators do. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const stagesFolder = join(import.meta.dirname, "stages");

/** Stages that every region has. */
const always = ["services", "volumes"];

/**
 * The text of kwok's configuration file. Stages of an add-on (`stages/<project>.yaml`) are taken when its definitions are
 * installed, since kwok refuses to start with a stage for a kind that the API server does not have.
 */
export function kwokConfiguration(options: {
  /** File with kwok's own stages. */
  defaultStages: string;
  /** Projects whose custom resource definitions are installed. */
  crds: readonly string[];
  /** Zones of the region. */
  zones: readonly string[];
  /** More stage files, by path. */
  extraStages?: readonly string[];
}): string {
  const addOns = options.crds
    .map((project) => join(stagesFolder, `${project}.yaml`))
    .filter((file) => existsSync(file));
  const files = [
    options.defaultStages,
    ...always.map((name) => join(stagesFolder, `${name}.yaml`)),
    ...addOns,
    ...(options.extraStages ?? []),
  ];
  const zones = options.zones.map((zone) => zone.replaceAll(".", "[.]")).join("|");
  return files.map((file) => readFileSync(file, "utf8").replaceAll("@ZONES@", zones).trim()).join("\n---\n");
}
