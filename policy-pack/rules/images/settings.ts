/** Settings of the family `images`. */
import type { Schema } from "../../core/settings.ts";

/** Where images come from, and how firmly they are named. */
export interface ImageSettings {
  /** Prefixes of allowed images; all are allowed when empty. */
  registries: readonly string[];
  /** Every image is named by a digest. */
  requireDigest: boolean;
  /** Tags that are pushed again and again. */
  movingTags: readonly string[];
  /** Every start of a container asks the registry, so that a node's cache serves nobody who may not pull. */
  alwaysPull: boolean;
}

/** The settings and their defaults. */
export const imageSchema: Schema<ImageSettings> = {
  registries: {
    type: "array",
    description:
      "Allowed images, as registry or registry and path (`ghcr.io/acme`, `docker.io/library/nginx`); all when empty.",
    items: {
      type: "string",
      description: "Registry, or registry and path, without scheme, tag or wildcard.",
      pattern: "^[A-Za-z0-9\\[][A-Za-z0-9._:\\[\\]-]*(/[a-z0-9._-]+)*/?$",
    },
    default: [],
  },
  requireDigest: {
    type: "boolean",
    description: "Demand a sha256 digest of every image.",
    default: false,
  },
  movingTags: {
    type: "array",
    description: "Tags that name another image tomorrow, in lower case.",
    items: { type: "string", description: "One tag.", pattern: "^[a-z0-9_][a-z0-9_.-]*$" },
    default: [
      "latest",
      "main",
      "master",
      "trunk",
      "head",
      "dev",
      "devel",
      "develop",
      "development",
      "edge",
      "nightly",
      "canary",
      "snapshot",
      "rolling",
      "unstable",
      "testing",
      "staging",
      "stable",
      "prod",
      "production",
      "release",
      "current",
      "default",
    ],
  },
  alwaysPull: {
    type: "boolean",
    description: "Demand imagePullPolicy Always, for clusters whose nodes serve tenants that do not trust each other.",
    default: false,
  },
};
