import type { ObjectRule } from "../../core/rule.ts";
import { unknown } from "../../kube/tree.ts";
import { configMap } from "./cases.ts";
import type { OwnershipSettings } from "./settings.ts";

// By these marks a tool knows its own objects: it changes or deletes whatever carries one. From the documentation of
// each tool. Labels that people also write by hand, such as app.kubernetes.io/instance, are left out.
const marks: Readonly<Record<"annotations" | "labels", Readonly<Record<string, string>>>> = {
  annotations: {
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "config.k8s.io/owning-inventory": "kpt or Flux",
    "kapp.k14s.io/identity": "kapp",
    "kubectl.kubernetes.io/last-applied-configuration": "kubectl apply",
    "meta.helm.sh/release-name": "Helm",
    "meta.helm.sh/release-namespace": "Helm",
    "objectset.rio.cattle.io/id": "Rancher Fleet",
  },
  labels: {
    "addonmanager.kubernetes.io/mode": "the add-on manager of the cluster",
    "argocd.argoproj.io/instance": "Argo CD",
    "helm.toolkit.fluxcd.io/name": "Flux",
    "kapp.k14s.io/app": "kapp",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "olm.owner": "Operator Lifecycle Manager",
  },
};

/** Marks of other tools on an object that Pulumi applies. */
export const secondOwner: ObjectRule<OwnershipSettings> = {
  id: "second-owner",
  subject: "object",
  level: "mandatory",
  title: "No object carries the mark of another tool that would manage it too.",
  why: "Two tools undo each other's changes, and one of them deletes the object when its own source no longer has it.",
  fix: "remove the mark, or leave the object to the other tool",
  check(object, report) {
    for (const [place, names] of Object.entries(marks)) {
      for (const [name, owner] of Object.entries(names)) {
        report.check(
          object.root.at("metadata", place, name),
          (value) => value === undefined,
          `by this mark ${owner} takes the object for its own`,
        );
      }
    }
  },
  good: [
    {
      name: "annotations and labels of one's own",
      objects: [configMap({ annotations: { "example.com/a": "b" }, labels: { "app.kubernetes.io/instance": "x" } })],
    },
    { name: "a mark that is null", objects: [configMap({ annotations: { "meta.helm.sh/release-name": null } })] },
  ],
  bad: [
    ...Object.entries(marks).flatMap(([place, names]) =>
      Object.keys(names).map((name) => ({
        name: `${name} among the ${place}`,
        objects: [configMap({ [place]: { [name]: "sample" } })],
        expect: [{ path: `metadata.${place}["${name}"]` }],
      })),
    ),
    {
      name: "a mark beside annotations that are not known yet",
      objects: [configMap({ annotations: unknown, labels: { "olm.owner": "sample" } })],
      expect: [
        { path: 'metadata.labels["olm.owner"]' },
        { path: "metadata.annotations", verdict: "undecidable" },
        { path: "metadata.annotations", verdict: "undecidable", rule: "force-conflicts" },
      ],
    },
  ],
};
