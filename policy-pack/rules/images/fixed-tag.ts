import type { PodRule } from "../../core/rule.ts";
import { type ImageReference, imagePlaces, parseImage } from "../../kube/images.ts";
import { unknown } from "../../kube/tree.ts";
import { container, digest, firstImage, pod, volumePod } from "./cases.ts";
import type { ImageSettings } from "./settings.ts";

/** Why another image may answer to this reference tomorrow; undefined where none will. */
export function movingBecause(image: ImageReference, movingTags: readonly string[]): string | undefined {
  if (image.digest !== undefined) return undefined;
  if (image.tag === undefined) return "the image has no tag, which means latest";
  const tag = image.tag.toLowerCase();
  // `latest` moves in company too: `latest-alpine`, `v2-latest`. A `nightly-20260101` is fixed by its date.
  const moves = movingTags.includes(tag) || tag.split(/[._-]/).includes("latest");
  return moves ? `the tag ${image.tag} names another image tomorrow` : undefined;
}

/** Configuration Best Practices of Kubernetes, "Container Images". */
export const fixedTag: PodRule<ImageSettings> = {
  id: "fixed-tag",
  subject: "pod",
  level: "mandatory",
  title: "Every image has a tag that does not move, or a digest.",
  why: "With a moving tag two pods of one workload run different programs, and a roll-back has nothing to go back to.",
  fix: "name a version, or a digest",
  check(template, report, { movingTags }) {
    for (const { field, container: owner } of imagePlaces(template)) {
      const place = owner === undefined ? field : { field, container: owner };
      if (field.unknown) report.undecidable(place);
      const image = field.text === undefined ? undefined : parseImage(field.text);
      const because = image === undefined ? undefined : movingBecause(image, movingTags);
      if (because !== undefined) report.violated(place, because);
    }
  },
  good: [
    { name: "a version", objects: [pod("nginx:1.27.0")] },
    { name: "a digest without tag", objects: [pod(`nginx@${digest}`)] },
    { name: "a digest beside latest", objects: [pod(`nginx:latest@${digest}`)] },
    { name: "a version that only holds the word", objects: [pod("app:latestrelease2")] },
    { name: "a build of a night is fixed by its date", objects: [pod("app:nightly-20260101")] },
    { name: "a registry with a port and a version", objects: [pod("registry:5000/app:1.0")] },
    { name: "a tag that the settings do not list", objects: [pod("app:stable")], settings: { movingTags: ["edge"] } },
  ],
  bad: [
    { name: "no tag", objects: [pod("nginx")], expect: [{ path: firstImage }] },
    { name: "a registry with a port is no tag", objects: [pod("registry:5000/app")], expect: [{ path: firstImage }] },
    { name: "latest", objects: [pod("nginx:latest")], expect: [{ path: firstImage }] },
    {
      name: "latest in capital letters, which the API server does not pull again",
      objects: [pod("nginx:LATEST")],
      expect: [{ path: firstImage }, { path: "spec.containers[0].imagePullPolicy", rule: "pull-policy" }],
    },
    {
      name: "latest of a variant",
      objects: [pod("", { containers: [container("nginx:latest-alpine", { imagePullPolicy: "Always" })] })],
      expect: [{ path: firstImage }],
    },
    {
      name: "the name of a branch moves, and is not pulled again",
      objects: [pod("app:main")],
      expect: [{ path: firstImage }, { path: "spec.containers[0].imagePullPolicy", rule: "pull-policy" }],
    },
    {
      name: "a tag of the settings",
      objects: [pod("app:qa", { containers: [container("app:qa", { imagePullPolicy: "Always" })] })],
      settings: { movingTags: ["qa"] },
      expect: [{ path: firstImage }],
    },
    {
      name: "an init container and an ephemeral container",
      objects: [pod(undefined, { initContainers: [container("a")], ephemeralContainers: [container("b:latest")] })],
      expect: [{ path: "spec.initContainers[0].image" }, { path: "spec.ephemeralContainers[0].image" }],
    },
    {
      name: "a volume that is an image",
      objects: [volumePod({ reference: "models/big" })],
      expect: [{ path: "spec.volumes[0].image.reference" }],
    },
    {
      name: "a template of a game server",
      objects: [
        {
          apiVersion: "agones.dev/v1",
          kind: "Fleet",
          spec: { template: { spec: { template: { spec: { containers: [container("arena")] } } } } },
        },
      ],
      expect: [{ path: "spec.template.spec.template.spec.containers[0].image" }],
    },
    {
      name: "an image that is not known yet beside one that moves",
      objects: [pod(undefined, { containers: [container("app:latest"), { name: "other", image: unknown }] })],
      expect: [
        { path: firstImage },
        { path: "spec.containers[1].image", verdict: "undecidable" },
        { path: "spec.containers[1].image", verdict: "undecidable", rule: "image-reference" },
        { path: "spec.containers[1].image", verdict: "undecidable", rule: "pull-policy" },
      ],
    },
  ],
};
