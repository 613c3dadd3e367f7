/** Images that are what they were yesterday, from where they should come. */
import type { Family } from "../../core/rule.ts";
import { digest } from "./digest.ts";
import { fixedTag } from "./fixed-tag.ts";
import { imageReference } from "./image-reference.ts";
import { pullPolicy } from "./pull-policy.ts";
import { registries } from "./registries.ts";
import { type ImageSettings, imageSchema } from "./settings.ts";

/** What pods run. */
export const images: Family<ImageSettings> = {
  name: "images",
  title: "Images are fixed and come from where they should",
  level: "mandatory",
  schema: imageSchema,
  rules: [imageReference, fixedTag, registries, digest, pullPolicy],
};
