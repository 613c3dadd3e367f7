import type { PodRule } from "../../core/rule.ts";
import { fullName, type ImageReference, imagePlaces, parseImage } from "../../kube/images.ts";
import { unknown } from "../../kube/tree.ts";
import { container, firstImage, pod, volumePod } from "./cases.ts";
import type { ImageSettings } from "./settings.ts";

// `ghcr.io/acme` must not let `ghcr.io/acme-evil/app` or `ghcr.io.evil.com/app` in: the match ends where a part ends.
// A prefix without a host is a path of Docker Hub, as it is in an image.
function normal(prefix: string): string {
  const trimmed = prefix.replace(/\/+$/, "");
  const [first = "", ...rest] = trimmed.split("/");
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  if (!isHost) return `docker.io/${trimmed}`;
  const registry = first.toLowerCase() === "index.docker.io" ? "docker.io" : first.toLowerCase();
  return [registry, ...rest].join("/");
}

function comesFrom(image: ImageReference, prefixes: readonly string[]): boolean {
  const name = fullName(image);
  return prefixes.some((prefix) => name === prefix || name.startsWith(`${prefix}/`));
}

/** Images of others are programs of others. */
export const registries: PodRule<ImageSettings> = {
  id: "registries",
  subject: "pod",
  level: "mandatory",
  title: "Every image comes from an allowed registry.",
  why: "An image from anywhere is a program from anyone, with the rights and the network of the pod.",
  fix: "use an image of an allowed registry, or add its registry to the setting `registries`",
  check(template, report, settings) {
    if (settings.registries.length === 0) return;
    const prefixes = settings.registries.map(normal);
    for (const { field, container: owner } of imagePlaces(template)) {
      const place = owner === undefined ? field : { field, container: owner };
      if (field.unknown) report.undecidable(place);
      const image = field.text === undefined ? undefined : parseImage(field.text);
      if (image !== undefined && !comesFrom(image, prefixes)) {
        report.violated(place, `${fullName(image)} is not of an allowed registry`);
      }
    }
  },
  good: [
    { name: "all registries are allowed without a setting", objects: [pod("anywhere.example.com/app:1.0")] },
    { name: "a registry", objects: [pod("ghcr.io/acme/app:1.0")], settings: { registries: ["ghcr.io"] } },
    { name: "a registry with a slash", objects: [pod("ghcr.io/acme/app:1.0")], settings: { registries: ["ghcr.io/"] } },
    { name: "a path", objects: [pod("ghcr.io/acme/app:1.0")], settings: { registries: ["ghcr.io/acme"] } },
    { name: "one image", objects: [pod("ghcr.io/acme/app:1.0")], settings: { registries: ["ghcr.io/acme/app"] } },
    { name: "Docker Hub is the default", objects: [pod("acme/app:1.0")], settings: { registries: ["docker.io/acme"] } },
    { name: "Docker Hub's own images", objects: [pod("nginx:1.0")], settings: { registries: ["docker.io/library"] } },
    { name: "a path of Docker Hub", objects: [pod("docker.io/acme/app:1.0")], settings: { registries: ["acme"] } },
    {
      name: "the old name of Docker Hub",
      objects: [pod("index.docker.io/acme/app:1")],
      settings: { registries: ["acme"] },
    },
    {
      name: "one of several, and this machine",
      objects: [pod("localhost/app:1.0"), pod("ghcr.io/acme/app:1.0")],
      settings: { registries: ["quay.io", "localhost", "ghcr.io"] },
    },
    {
      name: "a host is read without case",
      objects: [pod("GHCR.io/acme/app:1.0")],
      settings: { registries: ["ghcr.IO"] },
    },
  ],
  bad: [
    {
      name: "another registry",
      objects: [pod("quay.io/acme/app:1.0")],
      settings: { registries: ["ghcr.io", "docker.io"] },
      expect: [{ path: firstImage }],
    },
    {
      name: "a host that starts with the name of an allowed one",
      objects: [pod("gcr.io.evil.com/acme/app:1.0")],
      settings: { registries: ["gcr.io"] },
      expect: [{ path: firstImage }],
    },
    {
      name: "a path that starts with the name of an allowed one",
      objects: [pod("ghcr.io/acme-evil/app:1.0")],
      settings: { registries: ["ghcr.io/acme"] },
      expect: [{ path: firstImage }],
    },
    {
      name: "a path of Docker Hub that is spelled like a registry",
      objects: [pod("ghcr/acme:1.0")],
      settings: { registries: ["ghcr.io"] },
      expect: [{ path: firstImage }],
    },
    {
      name: "another port is another registry",
      objects: [pod("registry:5001/app:1.0")],
      settings: { registries: ["registry:5000"] },
      expect: [{ path: firstImage }],
    },
    {
      name: "Docker Hub by default",
      objects: [pod("nginx:1.0")],
      settings: { registries: ["ghcr.io"] },
      expect: [{ path: firstImage }],
    },
    {
      name: "an init container and a volume",
      objects: [
        pod("ghcr.io/app:1.0", {
          initContainers: [container("quay.io/app:1.0")],
          volumes: [{ name: "model", image: { reference: "quay.io/model:1.0" } }],
        }),
      ],
      settings: { registries: ["ghcr.io"] },
      expect: [{ path: "spec.initContainers[0].image" }, { path: "spec.volumes[0].image.reference" }],
    },
    {
      name: "a volume that is not known yet",
      objects: [volumePod({ reference: unknown })],
      settings: { registries: ["registry.example.com"] },
      expect: ["registries", "fixed-tag", "image-reference", "pull-policy"].map((rule) => ({
        path: "spec.volumes[0].image.reference",
        verdict: "undecidable" as const,
        rule,
      })),
    },
  ],
};
