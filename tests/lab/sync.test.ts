import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Application, AppProject, ClusterObject } from "../../lab/scenarios/support/argocd-objects.ts";
import { refusal } from "../../lab/scenarios/support/project-rights.ts";
import {
  differs,
  pruneDecisions,
  syncWaves,
  tracked,
  trackingId,
  withLiveFields,
} from "../../lab/scenarios/support/sync.ts";

const deployment = (fields: Record<string, unknown> = {}, metadata: ClusterObject["metadata"] = {}): ClusterObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "auth", namespace: "game", ...metadata },
  ...fields,
});

const named = (kind: string, annotations?: Record<string, string>, apiVersion = "v1"): ClusterObject => ({
  apiVersion,
  kind,
  metadata: { name: kind.toLowerCase(), namespace: "game", ...(annotations === undefined ? {} : { annotations }) },
});

const rules = [{ group: "apps", kind: "Deployment", jsonPointers: ["/spec/replicas"] }];

describe("the stand-in for Argo CD's synchronisation", () => {
  it("tracks objects as Argo CD does, with an empty group for the core one", () => {
    assert.equal(trackingId("shop", deployment()), "shop:apps/Deployment:game/auth");
    assert.equal(trackingId("shop", named("Service")), "shop:/Service:game/service");
    const { metadata } = tracked("shop", named("Service", { owner: "us" }));
    const id = { "argocd.argoproj.io/tracking-id": "shop:/Service:game/service" };
    assert.deepEqual(metadata.annotations, { owner: "us", ...id });
  });

  it("goes by waves as numbers, with wave 0 for who says nothing", () => {
    const wave = (kind: string, number?: string) =>
      named(kind, number === undefined ? undefined : { "argocd.argoproj.io/sync-wave": number });
    const waves = syncWaves([wave("A", "10"), wave("B", "2"), wave("C"), wave("D", "-1"), wave("E", "2")]);
    assert.deepEqual(
      waves.map((one) => [one.wave, one.objects.map(({ kind }) => kind).join("")]),
      [
        [-1, "D"],
        [0, "C"],
        [2, "BE"],
        [10, "A"],
      ],
    );
  });

  it("takes fields that others own from the live object", () => {
    const live = deployment({ spec: { replicas: 7, paused: true } });
    assert.deepEqual(withLiveFields(deployment({ spec: { replicas: 1, minReadySeconds: 5 } }), live, rules)["spec"], {
      replicas: 7,
      minReadySeconds: 5,
    });
    // Also where Git says nothing about it.
    assert.deepEqual(withLiveFields(deployment({ spec: {} }), live, rules)["spec"], { replicas: 7 });
  });

  it("leaves out of such a field what the live object does not have", () => {
    const wanted = deployment({ spec: { replicas: 1, paused: false } });
    assert.deepEqual(withLiveFields(wanted, deployment({ spec: {} }), rules)["spec"], { paused: false });
    assert.deepEqual(withLiveFields(deployment(), deployment(), rules), deployment());
  });

  it("writes what Git says where there is no live object yet, and where the rule is for another kind", () => {
    const wanted = deployment({ spec: { replicas: 1 } });
    assert.equal(withLiveFields(wanted, undefined, rules), wanted);
    const others = rules.map((rule) => ({ ...rule, kind: "StatefulSet" }));
    assert.deepEqual(withLiveFields(wanted, deployment({ spec: { replicas: 7 } }), others), wanted);
  });

  it("reads escaped steps of a pointer", () => {
    const pointer = { group: "apps", kind: "Deployment", jsonPointers: ["/metadata/annotations/a~1b~0c"] };
    const { metadata } = withLiveFields(deployment(), deployment({}, { annotations: { "a/b~c": "1" } }), [pointer]);
    assert.deepEqual(metadata, { name: "auth", namespace: "game", annotations: { "a/b~c": "1" } });
  });

  it("prunes what it tracks and the tree no longer has, and keeps what says Prune=false", () => {
    const keep = { "argocd.argoproj.io/sync-options": "Delete=false, Prune=false" };
    const still = tracked("shop", deployment());
    const live = [
      still,
      tracked("shop", named("Service")),
      tracked("shop", named("StatefulSet", keep, "apps/v1")),
      tracked("other", named("ConfigMap")),
      named("PersistentVolumeClaim"),
    ];
    const { prune, keep: kept } = pruneDecisions(live, { application: "shop", tree: [deployment()] });
    assert.deepEqual(
      [prune, kept].map((list) => list.map(({ kind }) => kind)),
      [["Service"], ["StatefulSet"]],
    );
  });

  it("does not prune a ReplicaSet, which has the annotations of its Deployment", () => {
    const { annotations } = tracked("shop", deployment()).metadata;
    const replicaSet = named("ReplicaSet", annotations, "apps/v1");
    assert.deepEqual(pruneDecisions([replicaSet], { application: "shop", tree: [] }), { prune: [], keep: [] });
  });

  it("takes an object for in sync where only its version and the list of writers differ", () => {
    const one = deployment({}, { resourceVersion: "1", managedFields: [{ manager: "a" }] });
    assert.equal(differs(one, deployment({}, { resourceVersion: "2" })), false);
    assert.equal(differs(one, deployment({}, { labels: { a: "b" } })), true);
  });
});

describe("rights of a project of Argo CD", () => {
  const application = {
    metadata: { name: "shop" },
    spec: {
      source: { repoURL: "https://example.com/shop.git", path: "rendered" },
      destination: { server: "https://kubernetes.default.svc", namespace: "game" },
    },
  } as Application;
  const project: AppProject = {
    metadata: { name: "shop" },
    spec: {
      sourceRepos: ["https://example.com/shop.git"],
      destinations: [{ server: "https://kubernetes.default.svc", namespace: "game" }],
      namespaceResourceWhitelist: [{ group: "apps", kind: "Deployment" }],
    },
  };
  const judged = (object: ClusterObject, spec: Partial<AppProject["spec"]> = {}) =>
    refusal({ ...project, spec: { ...project.spec, ...spec } }, { application, object });

  it("allow a kind of the list in a namespace of the list", () => {
    assert.equal(judged(deployment()), undefined);
  });

  it("refuse other kinds, groups, namespaces, clusters and repositories", () => {
    assert.match(judged(named("Secret")) ?? "", /Secret secret: project shop does not allow this kind/);
    assert.match(judged(named("Deployment", {}, "example.com/v1")) ?? "", /does not allow this kind/);
    assert.match(judged(deployment({}, { namespace: "kube-system" })) ?? "", /namespace kube-system/);
    assert.match(judged(deployment(), { destinations: [{ name: "far", namespace: "game" }] }) ?? "", /namespace game/);
    assert.match(judged(deployment(), { sourceRepos: [] }) ?? "", /repository/);
  });

  it("refuse kinds of the whole cluster where the project has no list of them", () => {
    const role: ClusterObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "no-namespace" } };
    assert.match(judged(role) ?? "", /does not allow this kind/);
  });
});
