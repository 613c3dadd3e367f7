import type { PodRule } from "../../core/rule.ts";
import { imagePlaces, parseImage } from "../../kube/images.ts";
import { unknown } from "../../kube/tree.ts";
import { container, digest, firstImage, pod, volumePod } from "./cases.ts";
import type { ImageSettings } from "./settings.ts";

/** What the runtime cannot read it cannot pull (kubelet: InvalidImageName). */
export const imageReference: PodRule<ImageSettings> = {
  id: "image-reference",
  subject: "pod",
  level: "mandatory",
  title: "Every image is a reference that a container runtime can read.",
  why: "A reference with a capital letter, a space or a scheme passes the API server, and the pod then never starts.",
  fix: "write registry/path:tag or registry/path@sha256:digest, with a path in lower case",
  check(template, report) {
    for (const { field, container: owner } of imagePlaces(template)) {
      // A controller may leave the reference of a volume to others (core/v1, ImageVolumeSource).
      if (owner === undefined && field.absent) continue;
      report.check(
        owner === undefined ? field : { field, container: owner },
        (value) => typeof value === "string" && parseImage(value) !== undefined,
        "the image is no reference that a container runtime can read",
      );
    }
  },
  good: [
    { name: "a registry with a port and a digest beside the tag", objects: [pod(`registry:5000/a/b:1.0@${digest}`)] },
    { name: "a registry with capital letters", objects: [pod("Registry.Example.com/app:1.0")] },
    { name: "localhost is a registry", objects: [pod("localhost/app:1.0")] },
    { name: "an address as registry", objects: [pod("[::1]:5000/app:1.0")] },
    { name: "a path with separators", objects: [pod("ghcr.io/a-b/c__d/e.f---g:v1_2.3-rc")] },
    { name: "a volume whose reference others fill in", objects: [volumePod({ pullPolicy: "Always" })] },
    { name: "pods of other kinds have no image", objects: [{ apiVersion: "v1", kind: "Service", spec: {} }] },
  ],
  bad: [
    { name: "no image", objects: [pod("")], expect: [{ path: firstImage }] },
    { name: "the image is missing", objects: [pod(null)], expect: [{ path: firstImage }] },
    { name: "a capital letter in the path", objects: [pod("ghcr.io/Acme/app:1.0")], expect: [{ path: firstImage }] },
    { name: "a capital letter without registry", objects: [pod("Nginx:1.0")], expect: [{ path: firstImage }] },
    { name: "a scheme", objects: [pod("https://ghcr.io/acme/app:1.0")], expect: [{ path: firstImage }] },
    { name: "a space behind the tag", objects: [pod("app:1.0 ")], expect: [{ path: firstImage }] },
    { name: "an empty tag", objects: [pod("app:")], expect: [{ path: firstImage }] },
    { name: "a digest that is cut", objects: [pod("app@sha256:0123456789abcdef")], expect: [{ path: firstImage }] },
    { name: "an image id instead of a name", objects: [pod(digest.slice(7))], expect: [{ path: firstImage }] },
    { name: "a number", objects: [pod(7)], expect: [{ path: firstImage }] },
    { name: "an empty part of the path", objects: [pod("ghcr.io//app:1.0")], expect: [{ path: firstImage }] },
    {
      name: "an image that is not known yet, beside one that is wrong",
      objects: [pod(undefined, { containers: [container(unknown), container("app:1.0"), container("App:1.0")] })],
      expect: [
        { path: firstImage, verdict: "undecidable" },
        { path: firstImage, verdict: "undecidable", rule: "fixed-tag" },
        { path: firstImage, verdict: "undecidable", rule: "pull-policy" },
        { path: "spec.containers[2].image" },
      ],
    },
    {
      name: "a volume that is an image",
      objects: [volumePod({ reference: "models/Big:1.0" })],
      expect: [{ path: "spec.volumes[0].image.reference" }],
    },
    {
      name: "containers of all lists, in a CronJob",
      objects: [
        {
          apiVersion: "batch/v1",
          kind: "CronJob",
          spec: {
            jobTemplate: {
              spec: {
                template: {
                  spec: {
                    initContainers: [container("A:1")],
                    containers: [container("B:1")],
                    ephemeralContainers: [container("C:1")],
                  },
                },
              },
            },
          },
        },
      ],
      expect: ["initContainers", "containers", "ephemeralContainers"].map((list) => ({
        path: `spec.jobTemplate.spec.template.spec.${list}[0].image`,
      })),
    },
  ],
};
