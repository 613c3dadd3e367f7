import type { PodRule } from "../../core/rule.ts";
import { type ImageReference, imagePlaces, parseImage } from "../../kube/images.ts";
import { unknown } from "../../kube/tree.ts";
import { container, digest, firstImage, pod, volumePod } from "./cases.ts";
import { movingBecause } from "./fixed-tag.ts";
import type { ImageSettings } from "./settings.ts";

const policies: readonly unknown[] = ["Always", "IfNotPresent", "Never"];

// The API server writes Always for `latest` and for no tag, IfNotPresent for everything else, a digest too.
function defaultPolicy(image: ImageReference): string {
  return image.digest === undefined && (image.tag ?? "latest") === "latest" ? "Always" : "IfNotPresent";
}

/** Quiet for images with a version: what a node has of them is what the registry has. */
export const pullPolicy: PodRule<ImageSettings> = {
  id: "pull-policy",
  subject: "pod",
  level: "advisory",
  title: "Images that may change are pulled at each start, and no pod counts on what a node happens to have.",
  why: "A moving tag without Always runs what each node pulled last; with Never a pod starts on no new node.",
  fix: "name a version and leave imagePullPolicy out, or set it to Always",
  check(template, report, { movingTags, alwaysPull }) {
    for (const { field, pullPolicy: policy, container: owner } of imagePlaces(template)) {
      const place = { field: policy, ...(owner === undefined ? {} : { container: owner }) };
      if (policy.unknown) {
        report.undecidable(place);
        continue;
      }
      if (!policy.absent && !policies.includes(policy.value)) {
        report.violated(place, "the policy is none of Always, IfNotPresent and Never, so the API server refuses it");
        continue;
      }
      if (policy.value === "Never") {
        report.violated(place, "the pod starts only on nodes that have the image already");
        continue;
      }
      if (field.unknown && policy.value !== "Always") report.undecidable({ ...place, field });
      const image = field.text === undefined ? undefined : parseImage(field.text);
      if (image === undefined || (policy.text ?? defaultPolicy(image)) === "Always") continue;
      // What a patch leaves out may be in the cluster.
      if (policy.absent && template.object.partial) continue;
      if (movingBecause(image, movingTags) !== undefined) {
        report.violated(place, "the tag moves, and nodes keep what they pulled first");
      } else if (alwaysPull) {
        report.violated(place, "the settings demand Always");
      }
    }
  },
  good: [
    { name: "a version without policy", objects: [pod("app:1.0")] },
    {
      name: "a version that a node may keep",
      objects: [pod("", { containers: [container("app:1.0", { imagePullPolicy: "IfNotPresent" })] })],
    },
    {
      name: "a digest beside latest that a node may keep",
      objects: [pod("", { containers: [container(`app:latest@${digest}`, { imagePullPolicy: "IfNotPresent" })] })],
    },
    {
      name: "Always, where the settings demand it",
      objects: [pod("", { containers: [container("app:1.0", { imagePullPolicy: "Always" })] })],
      settings: { alwaysPull: true },
    },
  ],
  bad: [
    {
      name: "latest that a node may keep",
      objects: [pod("", { containers: [container("app:latest", { imagePullPolicy: "IfNotPresent" })] })],
      expect: [{ path: "spec.containers[0].imagePullPolicy" }, { path: firstImage, rule: "fixed-tag" }],
    },
    {
      name: "Never, even with a digest",
      objects: [
        pod("", { initContainers: [container(`app@${digest}`, { imagePullPolicy: "Never" })], containers: [] }),
      ],
      expect: [{ path: "spec.initContainers[0].imagePullPolicy" }],
    },
    {
      name: "a policy that does not exist",
      objects: [pod("", { containers: [container("app:1.0", { imagePullPolicy: "always" })] })],
      expect: [{ path: "spec.containers[0].imagePullPolicy" }],
    },
    {
      name: "a version without policy, where the settings demand Always",
      objects: [pod("app:1.0")],
      settings: { alwaysPull: true },
      expect: [{ path: "spec.containers[0].imagePullPolicy" }],
    },
    {
      name: "a volume that is an image",
      objects: [volumePod({ reference: "model:1.0", pullPolicy: "Never" })],
      expect: [{ path: "spec.volumes[0].image.pullPolicy" }],
    },
    {
      name: "a policy that is not known yet",
      objects: [pod("", { containers: [container("app:1.0", { imagePullPolicy: unknown })] })],
      expect: [{ path: "spec.containers[0].imagePullPolicy", verdict: "undecidable" }],
    },
  ],
};
