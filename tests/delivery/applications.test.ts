import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { type ApplicationSpec, applicationSets, applications, type Own, projects } from "./support/argo-objects.ts";
import { deliveredStacks, delivering, engineObjects, renderedObjects, repository } from "./support/delivered.ts";
import { permitsDestination, permitsKind } from "./support/project.ts";

for (const { title, stack, changes } of deliveredStacks) {
  describe(`Applications of Argo CD: ${title}`, function () {
    this.timeout(120_000);
    let apps: Own<ApplicationSpec>[];

    before(async () => {
      apps = await applications(stack, changes);
      assert.ok(apps.length >= 2);
    });

    it("belong to a project of their own: in `default` everything is allowed and no role or limit held", () => {
      for (const { spec } of apps) assert.match(spec.project, /^(mmorpg-game|ad-platform(-staging)?)$/);
    });

    it("go where their project allows: another spelling of the cluster was refused once the project was right", async () => {
      const all = await projects(stack, changes);
      for (const { region, spec } of apps) {
        const project = all.find((one) => one.region === region && one.name === spec.project);
        assert.ok(project !== undefined && permitsDestination(project.spec, spec.destination), spec.project);
      }
    });

    it("create no namespace: the kind was not allowed, and a sync would have failed at the first object", async () => {
      for (const { spec } of apps) {
        assert.ok(spec.syncPolicy.syncOptions.includes("CreateNamespace=false"));
        assert.ok(!spec.syncPolicy.syncOptions.includes("CreateNamespace=true"));
      }
      for (const { spec } of await projects(stack, changes)) {
        assert.equal(permitsKind(spec, { group: "", kind: "Namespace", namespaced: false }), false);
      }
      const engine = await engineObjects(stack, changes);
      const namespaces = engine.filter(({ object }) => object.kind === "Namespace");
      for (const { spec } of apps) {
        assert.ok(namespaces.some(({ object }) => object.metadata.name === spec.destination.namespace));
      }
    });

    it("respect what they ignore: it was left out of the comparison only, and a sync wrote it all the same", () => {
      for (const { spec } of apps) {
        assert.ok(spec.syncPolicy.syncOptions.includes("RespectIgnoreDifferences=true"));
        const claims = spec.ignoreDifferences.find(({ kind }) => kind === "StatefulSet");
        assert.deepEqual(claims?.jsonPointers, ["/spec/volumeClaimTemplates"]);
      }
    });

    it("have no rule for replicas, which Git does not say: with one a sync writes the number that it read before", () => {
      for (const { spec } of apps) {
        assert.equal(
          spec.ignoreDifferences.find(({ kind }) => kind === "Deployment"),
          undefined,
        );
      }
    });

    it("follow a branch of the environment: with HEAD every merge was in production at once", () => {
      for (const { spec } of apps) {
        assert.equal(spec.source.targetRevision, repository.revision);
        assert.equal(spec.source.repoURL, repository.url);
      }
    });

    it("have no finalizer and no owner that makes one: deleting an Application deleted the worlds", async () => {
      for (const { metadata } of apps) assert.equal(metadata.finalizers, undefined);
      for (const { spec, metadata } of await applicationSets(stack, changes)) {
        assert.equal(metadata.finalizers, undefined);
        assert.equal(spec.syncPolicy.preserveResourcesOnDeletion, true);
      }
    });

    it("change no name, label or image on the way: a prefix broke every name that is not a reference", () => {
      for (const { spec } of apps)
        assert.deepEqual(Object.keys(spec.source).sort(), ["path", "repoURL", "targetRevision"]);
    });

    it("apply by themselves, prune last, undo edits, and try five times from 5 s by 2 to 3 min", () => {
      for (const { spec } of apps) {
        const { automated, retry, syncOptions } = spec.syncPolicy;
        assert.deepEqual(automated, { prune: true, selfHeal: true });
        assert.deepEqual(retry, { limit: 5, backoff: { duration: "5s", factor: 2, maxDuration: "3m" } });
        for (const option of ["ServerSideApply=true", "ApplyOutOfSyncOnly=true", "PruneLast=true"]) {
          assert.ok(syncOptions.includes(option), option);
        }
      }
    });

    it("never prune worlds, and are in sync all the same when Git drops one: else no wave after it would begin", async () => {
      for (const { object } of await renderedObjects(stack, changes)) {
        const annotations = object.metadata.annotations ?? {};
        const isWorld = object.kind === "StatefulSet";
        const wanted = isWorld ? ["Prune=false,Delete=false", "IgnoreExtraneous"] : [undefined, undefined];
        const got = ["sync-options", "compare-options"].map((key) => annotations[`argocd.argoproj.io/${key}`]);
        assert.deepEqual(got, wanted, `${object.kind} ${object.metadata.name}`);
      }
    });
  });
}

describe("Applications of Argo CD", function () {
  this.timeout(120_000);
  it("wait for a person where the stack says so", async () => {
    for (const hub of [undefined, "us-west"]) {
      const changes = delivering({ "delivery.argocd.automated": false, "delivery.argocd.hub": hub });
      for (const { spec } of await applications("prod", changes)) assert.equal(spec.syncPolicy.automated, undefined);
      for (const { spec } of await applicationSets("prod", changes)) assert.equal(spec.strategy, undefined);
    }
  });

  it("tell the channel of failures where there is one, with a hub too", async () => {
    const channel = { "delivery.argocd.notifications": { channel: "deployments" } };
    for (const hub of [undefined, "us-west"]) {
      const told = await applications("prod", delivering({ ...channel, "delivery.argocd.hub": hub }));
      for (const { metadata } of told) {
        assert.deepEqual(metadata.annotations, {
          "notifications.argoproj.io/subscribe.on-sync-failed.slack": "deployments",
          "notifications.argoproj.io/subscribe.on-health-degraded.slack": "deployments",
        });
      }
    }
    for (const { metadata } of await applications("prod", delivering())) assert.equal(metadata.annotations, undefined);
  });

  it("are none, and neither is a project, where the engine applies everything", async () => {
    const changes = { "delivery.argocd.repository": repository };
    assert.deepEqual(await applications("dev", changes), []);
    assert.deepEqual(await projects("dev", changes), []);
  });
});
