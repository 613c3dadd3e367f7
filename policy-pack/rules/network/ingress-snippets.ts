import type { ObjectRule } from "../../core/rule.ts";
import { isYes } from "../../kube/annotations.ts";
import { unknown } from "../../kube/tree.ts";
import { ingress, plainService } from "./cases.ts";
import { isIngress } from "./ingress-rules.ts";
import type { NetworkSettings } from "./settings.ts";

// The prefix is a setting of the controller, so any is meant: nginx.ingress.kubernetes.io, nginx.org and others.
const snippet = /\/[a-z-]*-snippets?$/;

// Keys of the controller's own ConfigMap that let snippets of any Ingress in; kubernetes.github.io/ingress-nginx.
const controllerKey = "allow-snippet-annotations";

/** Code in annotations: CVE-2021-25742 and those that followed. */
export const ingressSnippets: ObjectRule<NetworkSettings> = {
  id: "ingress-snippets",
  subject: "object",
  kinds: ["Ingress", "ConfigMap"],
  level: "mandatory",
  title: "No Ingress carries configuration of the web server in an annotation.",
  why: "Such a snippet runs in the controller, which can read every Secret of the cluster.",
  fix: "remove the annotation and use one that names what it does; leave allow-snippet-annotations off",
  check(object, report) {
    if (object.kind === "ConfigMap" && object.group === "") {
      report.check(
        object.root.at("data", controllerKey),
        (value) => !isYes(value),
        "lets every Ingress bring configuration of its own",
      );
    } else if (isIngress(object)) {
      const annotations = object.root.at("metadata", "annotations");
      if (annotations.unknown) report.undecidable(annotations);
      for (const [key, field] of annotations.entries()) {
        if (snippet.test(key) && !field.absent) report.violated(field, "configuration that the controller runs");
      }
    }
  },
  good: [
    {
      name: "other annotations",
      objects: [ingress({}, { "nginx.ingress.kubernetes.io/ssl-redirect": "true" }), plainService()],
    },
    {
      name: "snippets are off",
      objects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { [controllerKey]: "false" } }],
    },
    { name: "a ConfigMap of something else", objects: [{ apiVersion: "v1", kind: "ConfigMap", data: { a: unknown } }] },
  ],
  bad: [
    ...[
      "nginx.ingress.kubernetes.io/configuration-snippet",
      "nginx.ingress.kubernetes.io/server-snippet",
      "nginx.ingress.kubernetes.io/auth-snippet",
      "nginx.org/location-snippets",
      "custom.example.com/modsecurity-snippet",
    ].map((key) => ({
      name: key,
      objects: [ingress({}, { [key]: unknown }), plainService()],
      expect: [{ path: `metadata.annotations["${key}"]` }],
    })),
    {
      name: "an old version of the kind",
      objects: [
        { ...ingress({}, { "nginx.ingress.kubernetes.io/server-snippet": "x" }), apiVersion: "extensions/v1beta1" },
        plainService(),
      ],
      expect: [{ path: 'metadata.annotations["nginx.ingress.kubernetes.io/server-snippet"]' }],
    },
    {
      name: "snippets are let in",
      objects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { [controllerKey]: "true" } }],
      expect: [{ path: `data.${controllerKey}` }],
    },
    {
      name: "annotations that are not known yet",
      objects: [ingress({}, unknown), plainService()],
      expect: [
        { path: "metadata.annotations", verdict: "undecidable" },
        { path: "metadata.annotations", verdict: "undecidable", rule: "ingress-tls" },
      ],
    },
  ],
};
