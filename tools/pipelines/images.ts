/** Images of a stack file, changed by digest without touching anything else in it. */
import { isScalar, parseDocument } from "yaml";
import { Images } from "../../components/config/images.ts";
import { UsageError, UserError } from "../errors.ts";

/** Section of a stack file that holds the images. */
export const section = "realmgrid:images";
/** Names of the images. */
export const imageKeys = Object.keys(Images.shape).filter((key) => key !== "pullSecret");

/** Another stack whose images are taken. */
export interface ImageSource {
  stack: string;
  images: Readonly<Record<string, unknown>>;
}

/** The images that are asked for, by name: `NAME=IMAGE`, or a `NAME` of another stack's. */
export function wantedImages(requests: readonly string[], from?: ImageSource): Map<string, string> {
  const result = new Map<string, string>();
  for (const request of requests) {
    const [key = "", ...rest] = request.split("=");
    if (!imageKeys.includes(key)) throw new UserError(`${key}: no image of ours; want one of ${imageKeys.join(", ")}`);
    if (from !== undefined && rest.length > 0) throw new UsageError(`${request}: with --from want only a name`);
    const image = from === undefined ? rest.join("=") : from.images[key];
    if (typeof image !== "string" || image === "") {
      throw new UserError(
        from === undefined ? `${key}: want ${key}=IMAGE` : `${key}: Pulumi.${from.stack}.yaml names no image`,
      );
    }
    // A tag can be pointed at another image after the test.
    if (!/@sha256:[0-9a-f]{64}$/.test(image))
      throw new UserError(`${key}: ${image}: want a digest, name:tag@sha256:...`);
    const checked = Images.safeParse({ [key]: image });
    if (!checked.success)
      throw new UserError(`${key}: ${checked.error.issues.map(({ message }) => message).join(", ")}`);
    result.set(key, image);
  }
  return result;
}

/** The text of a stack file with other images; comments, order and everything else stay byte for byte. */
export function withImages(text: string, images: ReadonlyMap<string, string>): string {
  const missing: [string, string][] = [];
  let result = text;
  for (const [key, image] of images) {
    const node = parseDocument(result).getIn(["config", section, key], true);
    if (isScalar(node) && node.range) {
      const [start, end] = node.range;
      result = `${result.slice(0, start)}${image}${result.slice(end)}`;
    } else {
      missing.push([key, image]);
    }
  }
  if (missing.length === 0) return result;
  const heading = new RegExp(`^( *)${section}:[ ]*\\n`, "m").exec(result);
  if (heading === null) throw new UserError(`there is no block "${section}:" to write into`);
  const end = heading.index + heading[0].length;
  const lines = missing.map(([key, image]) => `${heading[1]}  ${key}: ${image}\n`);
  return `${result.slice(0, end)}${lines.join("")}${result.slice(end)}`;
}
