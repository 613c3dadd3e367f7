import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { deliveredKinds, shownKinds } from "../../components/delivery/ownership.ts";
import { type Checker, checkerOf } from "../support/ads/definitions.ts";
import { first } from "../support/objects.ts";
import { runWith } from "../support/runs.ts";
import { type ApplicationSpec, applications, type Own, projects } from "./support/argo-objects.ts";
import { deliveredStacks, delivering, groupOf, type Located, renderedObjects } from "./support/delivered.ts";
import {
  type Project,
  permitsDestination,
  permitsKind,
  permitsSource,
  projectMistakes,
  refusals,
} from "./support/project.ts";

function find<T extends { name: string }>(list: readonly T[], name: string): T {
  const found = list.find((one) => one.name === name);
  assert.ok(found, `${name} is not there, only ${list.map((one) => one.name).join(", ")}`);
  return found;
}

for (const { title, stack, changes } of deliveredStacks) {
  describe(`projects of Argo CD: ${title}`, function () {
    this.timeout(120_000);
    let all: Own<Project>[];
    let apps: Own<ApplicationSpec>[];
    let tree: Located[];

    before(async () => {
      all = await projects(stack, changes);
      apps = await applications(stack, changes);
      tree = await renderedObjects(stack, changes);
    });

    /** The project of an Application: that of the Argo CD which has the Application. */
    function projectOf({ region, spec }: Own<ApplicationSpec>): Project {
      return find(
        all.filter((one) => one.region === region),
        spec.project,
      ).spec;
    }

    it("has an Application for each folder of the tree, and no other", () => {
      const folders = new Set(tree.map(({ region, component }) => `rendered/prod/${region}/${component}`));
      assert.deepEqual(apps.map(({ spec }) => spec.source.path).sort(), [...folders].sort());
    });

    it("allows every rendered object: its kind, its namespace, its cluster and its repository", () => {
      let looked = 0;
      for (const app of apps) {
        for (const one of tree) {
          if (app.spec.source.path !== `rendered/prod/${one.region}/${one.component}`) continue;
          assert.deepEqual(refusals(projectOf(app), app.spec, one), [], `${one.region} ${one.object.metadata.name}`);
          assert.equal(one.object.metadata.namespace, app.spec.destination.namespace);
          looked += 1;
        }
      }
      assert.equal(looked, tree.length);
    });

    it("allows no kind that is not rendered, but pods and their sets, without which nobody sees a log", () => {
      const rendered = [...new Set(tree.map(({ object }) => `${groupOf(object)}/${object.kind}`))];
      const shown = shownKinds.map(({ group, kind }) => `${group}/${kind}`);
      for (const { name, spec } of all) {
        const allowed = spec.namespaceResourceWhitelist.map(({ group, kind }) => `${group}/${kind}`);
        assert.deepEqual(allowed.sort(), [...rendered, ...shown].sort(), name);
        assert.ok(allowed.every((one) => !one.includes("*")));
      }
    });

    it("would refuse a Secret, a role or a kind of the cluster that somebody commits", () => {
      for (const { spec } of all) {
        for (const [group, kind, namespaced] of [
          ["", "Secret", true],
          ["rbac.authorization.k8s.io", "Role", true],
          ["rbac.authorization.k8s.io", "RoleBinding", true],
          ["networking.k8s.io", "NetworkPolicy", true],
          ["", "ResourceQuota", true],
          ["batch", "CronJob", true],
          ["argoproj.io", "Application", true],
          ["rbac.authorization.k8s.io", "ClusterRole", false],
          ["rbac.authorization.k8s.io", "ClusterRoleBinding", false],
          ["apiextensions.k8s.io", "CustomResourceDefinition", false],
          ["", "Namespace", false],
        ] as const) {
          assert.equal(permitsKind(spec, { group, kind, namespaced }), false, kind);
        }
      }
    });

    it("would refuse another repository, another namespace and another cluster", () => {
      for (const { name, spec } of all) {
        const to = first(spec.destinations);
        assert.ok(permitsDestination(spec, to), name);
        for (const namespace of ["kube-system", "argocd", "default", ""]) {
          assert.equal(permitsDestination(spec, { ...to, namespace }), false, `${name} ${namespace}`);
        }
        assert.equal(permitsDestination(spec, { server: "https://10.0.0.1", namespace: to.namespace }), false);
        assert.equal(permitsDestination(spec, { name: "elsewhere", namespace: to.namespace }), false);
        const repositories = [
          `${first(spec.sourceRepos)}x`,
          "https://helm.releases.hashicorp.com",
          "https://github.com",
        ];
        assert.deepEqual(
          repositories.filter((one) => permitsSource(spec, one)),
          [],
        );
        assert.equal(spec.sourceRepos.length, 1);
      }
    });

    it("keeps parts apart: no project allows the namespace of another", () => {
      for (const { name, spec } of all) {
        assert.deepEqual([...new Set(spec.destinations.map(({ namespace }) => namespace))], [name]);
      }
    });

    it("would be taken by Argo CD's API, which else refuses every edit of the project", () => {
      for (const { name, spec } of all) assert.deepEqual(projectMistakes(name, spec), [], name);
    });
  });
}

describe("kinds that Argo CD delivers", () => {
  it("are those of the tree, none of them secret, of the cluster or of access", () => {
    const kinds = deliveredKinds.map(({ kind }) => kind);
    assert.equal(new Set(kinds).size, kinds.length);
    const forbidden = ["Secret", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "Namespace", "Pod"];
    assert.deepEqual(
      kinds.filter((kind) => forbidden.includes(kind)),
      [],
    );
  });
});

describe("Argo CD's own objects", function () {
  this.timeout(120_000);
  let check: Checker | undefined;

  before(async () => {
    check = await checkerOf("argo-cd");
  });

  const window = { "delivery.argocd.syncWindow": {}, "delivery.argocd.notifications": { channel: "deployments" } };
  for (const { title, stack, changes } of [
    ...deliveredStacks,
    { title: "prod with windows", stack: "prod", changes: delivering(window) },
    {
      title: "prod with a hub and windows",
      stack: "prod",
      changes: delivering({ ...window, "delivery.argocd.hub": "us-west" }),
    },
  ] as const) {
    it(`are what Argo CD's definitions of its kinds allow: ${title}`, async function () {
      if (check === undefined) return this.skip();
      const run = await runWith(stack, changes);
      const own = run.resources.filter(({ inputs }) => String(inputs["apiVersion"]).startsWith("argoproj.io/"));
      assert.ok(own.length >= 2);
      for (const one of own) assert.deepEqual(check(one), [], one.name);
    });
  }

  it("would not be, with images as objects: the definition wants texts, and refused the original Application", async function () {
    if (check === undefined) return this.skip();
    const run = await runWith("dev", delivering());
    const app = first(run.resources.filter(({ inputs }) => inputs["kind"] === "Application"));
    const spec = app.inputs["spec"] as { source: object };
    const images = [{ name: "mmorpg/game-server", newTag: "v2.1.0" }];
    const source = { ...spec.source, kustomize: { images } };
    const mistakes = check({ ...app, inputs: { ...app.inputs, spec: { ...spec, source } } });
    assert.match(mistakes.join("\n"), /kustomize\.images\[0\]: want string/);
  });
});
