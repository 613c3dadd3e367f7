import type { PodRule } from "../../core/rule.ts";
import { imagePlaces, parseImage } from "../../kube/images.ts";
import { unknown } from "../../kube/tree.ts";
import { container, firstImage, pod, digest as sample, volumePod } from "./cases.ts";
import type { ImageSettings } from "./settings.ts";

/** Silent unless the setting `requireDigest` asks for it. */
export const digest: PodRule<ImageSettings> = {
  id: "digest",
  subject: "pod",
  level: "mandatory",
  title: "Every image is named by its digest, where the settings demand it.",
  why: "Whoever may push to a registry may move any tag; a digest names one image for good.",
  fix: "add @sha256: and the digest that the registry told when the image was pushed",
  check(template, report, { requireDigest }) {
    if (!requireDigest) return;
    for (const { field, container: owner } of imagePlaces(template)) {
      const place = owner === undefined ? field : { field, container: owner };
      if (field.unknown) report.undecidable(place);
      const image = field.text === undefined ? undefined : parseImage(field.text);
      if (image !== undefined && image.digest?.startsWith("sha256:") !== true) {
        report.violated(place, "the image has no sha256 digest");
      }
    }
  },
  good: [
    { name: "a tag, without the setting", objects: [pod("app:1.0")] },
    { name: "a digest", objects: [pod(`app@${sample}`)], settings: { requireDigest: true } },
    { name: "a digest beside a tag", objects: [pod(`app:1.0@${sample}`)], settings: { requireDigest: true } },
  ],
  bad: [
    {
      name: "a tag",
      objects: [pod("app:1.0")],
      settings: { requireDigest: true },
      expect: [{ path: firstImage }],
    },
    {
      name: "a digest of another kind",
      objects: [pod(`app@sha512:${"0123456789abcdef".repeat(8)}`)],
      settings: { requireDigest: true },
      expect: [{ path: firstImage }],
    },
    {
      name: "a digest that cannot be read",
      objects: [pod("app@sha256:abc")],
      settings: { requireDigest: true },
      expect: [{ path: firstImage, rule: "image-reference" }],
    },
    {
      name: "every list, and a volume",
      objects: [
        pod(`app@${sample}`, {
          initContainers: [container("a:1")],
          ephemeralContainers: [container("b:1")],
          volumes: [{ name: "model", image: { reference: "c:1" } }],
        }),
      ],
      settings: { requireDigest: true },
      expect: [
        { path: "spec.initContainers[0].image" },
        { path: "spec.ephemeralContainers[0].image" },
        { path: "spec.volumes[0].image.reference" },
      ],
    },
    {
      name: "an image that is not known yet",
      objects: [volumePod({ reference: unknown }), pod(`app@${sample}`)],
      settings: { requireDigest: true },
      expect: [
        { path: firstImage },
        ...["digest", "fixed-tag", "image-reference", "pull-policy"].map((rule) => ({
          path: "spec.volumes[0].image.reference",
          verdict: "undecidable" as const,
          rule,
        })),
      ],
    },
  ],
};
