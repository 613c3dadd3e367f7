/**
 * References of container images, read as the container runtime reads them (grammar of the distribution project,
 * `reference/regexp.go`, and the defaults of Docker Hub).
 */

import { type Container, containersOf, type PodTemplate } from "./pods.ts";
import type { Field } from "./tree.ts";

/** One reference, with what the runtime adds. */
export interface ImageReference {
  /** Host of the registry, in lower case, with its port: `docker.io` where none is written. */
  registry: string;
  /** Path of the image in its registry: `library/nginx` for `nginx`. */
  repository: string;
  /** Tag as it is written; absent where none is. */
  tag?: string;
  /** Digest as it is written, for example `sha256:` and 64 digits. The runtime then does not look at the tag. */
  digest?: string;
}

/** A place that names an image. */
export interface ImagePlace {
  field: Field;
  /** Where the place says when to pull. */
  pullPolicy: Field;
  /** The container; absent for a volume. */
  container?: Container;
}

/** Longest repository (distribution, `RepositoryNameTotalLengthMax`), tag, and text that is worth reading. */
const maximumRepository = 255;
const maximumReference = 1024;

const host =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const pathPart = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[a-z][a-z0-9]*(?:[+._-][a-z][a-z0-9]*)*:[0-9a-f]{32,}$/i;
// The digests that runtimes know have fixed lengths; anything shorter or longer is a slip of the hand.
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
const identifier = /^[0-9a-f]{64}$/;

function validDigest(digest: string): boolean {
  if (!digestPattern.test(digest)) return false;
  const [algorithm = "", digits = ""] = digest.split(":");
  const length = digestLengths[algorithm];
  return length === undefined || (digits.length === length && digits === digits.toLowerCase());
}

// `registry:5000/app` and `localhost/app` start with a host, `library/nginx` does not.
function splitHost(name: string): [registry: string, repository: string] {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = first !== "" && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const registry = isHost ? first.toLowerCase() : "docker.io";
  const repository = isHost ? name.slice(slash + 1) : name;
  if (registry !== "docker.io" && registry !== "index.docker.io") return [registry, repository];
  return ["docker.io", repository.includes("/") ? repository : `library/${repository}`];
}

/** Reads a reference; undefined for what no runtime can read. */
export function parseImage(text: string): ImageReference | undefined {
  if (text.length > maximumReference || identifier.test(text)) return undefined;
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  // A colon before the last slash belongs to the port of the registry.
  const hasTag = colon > named.lastIndexOf("/");
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  const name = hasTag ? named.slice(0, colon) : named;
  const [registry, repository] = splitHost(name);
  const valid =
    host.test(registry) &&
    repository.length <= maximumRepository &&
    repository.split("/").every((part) => pathPart.test(part)) &&
    (tag === undefined || tagPattern.test(tag)) &&
    (digest === undefined || validDigest(digest));
  if (!valid) return undefined;
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** Registry and path, for example `docker.io/library/nginx`. */
export function fullName(image: ImageReference): string {
  return `${image.registry}/${image.repository}`;
}

/** Every place of a pod that names an image: all containers, then volumes that are images. */
export function imagePlaces(pod: PodTemplate): ImagePlace[] {
  const containers = containersOf(pod).map((container) => ({
    field: container.field.at("image"),
    pullPolicy: container.field.at("imagePullPolicy"),
    container,
  }));
  const volumes = pod.spec
    .at("volumes")
    .items()
    .map((volume) => volume.at("image"))
    .filter((image) => !image.absent)
    .map((image) => ({ field: image.at("reference"), pullPolicy: image.at("pullPolicy") }));
  return [...containers, ...volumes];
}

/** The places whose reference is known and can be read. */
export function readImages(pod: PodTemplate): (ImagePlace & { image: ImageReference })[] {
  return imagePlaces(pod).flatMap((place) => {
    const image = place.field.text === undefined ? undefined : parseImage(place.field.text);
    return image === undefined ? [] : [{ ...place, image }];
  });
}
