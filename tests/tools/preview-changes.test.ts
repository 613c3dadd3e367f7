import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { OfflineResource } from "../../tools/offline/host.ts";
import type { ObjectChange } from "../../tools/preview/change.ts";
import { sharedChanges } from "../../tools/preview/change-rows.ts";
import { objectChanges } from "../../tools/preview/changes.ts";
import { fieldChanges } from "../../tools/preview/field-changes.ts";
import { figureChanges } from "../../tools/preview/figures.ts";
import { shownValue } from "../../tools/preview/shown-value.ts";

type Inputs = Record<string, unknown>;

function resource(type: string, name: string, inputs: Inputs, more: Partial<OfflineResource> = {}): OfflineResource {
  return {
    urn: `urn:pulumi:prod::realmgrid::${type}::${name}`,
    type,
    name,
    custom: true,
    dependsOn: [],
    protect: false,
    retainOnDelete: false,
    ignoreChanges: [],
    provider: "eu-west",
    inputs,
    ...more,
  };
}

function object(type: string, name: string, rest: Inputs, more: Partial<OfflineResource> = {}): OfflineResource {
  const [, apiVersion = "", kind = ""] = type.split(":");
  const inputs = {
    apiVersion: apiVersion.replace(/^core\//, ""),
    kind,
    metadata: { name, namespace: "game" },
    ...rest,
  };
  return resource(type, name, inputs, more);
}

function cluster(inputs: Inputs): OfflineResource {
  return resource("pulumi:providers:kubernetes", "eu-west", inputs, { provider: undefined });
}

const service = "kubernetes:core/v1:Service";
const config = "kubernetes:core/v1:ConfigMap";
const mutable = cluster({ context: "one", enableConfigMapMutable: "true" });

function changes(before: OfflineResource[], after: OfflineResource[]): ObjectChange[] {
  return objectChanges({ resources: before }, { resources: after });
}

function only(before: OfflineResource[], after: OfflineResource[]): ObjectChange {
  const [change, ...others] = changes(before, after);
  assert.ok(change !== undefined && others.length === 0, "want one change");
  return change;
}

describe("what an update does to an object", () => {
  it("is a replacement where the API server refuses another value, with the field that is to blame", () => {
    const [was, is] = ["10.0.0.1", "10.0.0.2"].map((clusterIP) => object(service, "front", { spec: { clusterIP } }));
    assert.ok(was && is);
    const change = only([was], [is]);
    assert.deepEqual(
      [change.fate, change.kind, change.name, change.because, change.notes],
      ["replaced", "Service", "game/front", ["spec.clusterIP"], ["deleted before the new one is there"]],
    );
  });

  it("is an update in place where the field may change, and new pods where their template does", () => {
    const deployment = (replicas: number, image: string) =>
      object("kubernetes:apps/v1:Deployment", "auth", {
        spec: { replicas, template: { spec: { containers: [{ name: "auth", image }] } } },
      });
    const scaled = only([deployment(2, "auth:1")], [deployment(3, "auth:1")]);
    assert.deepEqual([scaled.fate, scaled.notes], ["changed", []]);
    const rolled = only([deployment(2, "auth:1")], [deployment(2, "auth:2")]);
    assert.deepEqual([rolled.fate, rolled.notes], ["changed", ["new pods"]]);
    assert.deepEqual(rolled.fields, [
      { path: "spec.template.spec.containers.auth.image", what: "changed", before: "auth:1", after: "auth:2" },
    ]);
  });

  it("is a replacement of a ConfigMap only where its provider does not change them in place", () => {
    const [was, is] = ["one", "two"].map((content) => object(config, "settings", { data: { "a.json": content } }));
    assert.ok(was && is);
    assert.equal(only([mutable, was], [mutable, is]).fate, "changed");
    const fixed = cluster({ context: "one" });
    const change = only([fixed, was], [fixed, is]);
    assert.deepEqual([change.fate, change.because], ["replaced", ['data["a.json"]']]);
    assert.equal(JSON.stringify(change).includes("two"), false, "the content is not repeated");
  });

  it("is a replacement of everything in a cluster whose provider is replaced", () => {
    const kept = object(config, "settings", {});
    const list = changes([cluster({ context: "one" }), kept], [cluster({ context: "two" }), kept]);
    assert.deepEqual(
      list.map(({ fate, kind, because }) => [fate, kind, because]),
      [
        ["replaced", "ConfigMap", ["its provider is replaced"]],
        ["replaced", "Provider", ["context"]],
      ],
    );
  });

  it("follows the rules of other providers: a password by any input, a release by its name and namespace", () => {
    const password = (length: number) => resource("random:index/randomPassword:RandomPassword", "mysql", { length });
    assert.deepEqual(only([password(24)], [password(32)]).because, ["length"]);
    const release = (inputs: Inputs) => resource("kubernetes:helm.sh/v3:Release", "keda", { chart: "keda", ...inputs });
    const newer = only([release({ version: "2.1.0" })], [release({ version: "2.2.0" })]);
    assert.deepEqual([newer.fate, newer.fields[0]?.after], ["changed", "2.2.0"]);
    assert.equal(only([release({ namespace: "a" })], [release({ namespace: "b" })]).fate, "replaced");
  });

  it("is dangerous where the program only calls the object something else", () => {
    const was = object(config, "settings", {});
    const is = { ...was, urn: `${was.urn}-renamed`, name: "renamed" };
    const change = only([was], [is]);
    assert.equal(change.fate, "replaced");
    assert.match(change.because.join(), /its logical name or parent, unless an alias/);
    assert.match(change.notes.join(), /deleting the old one deletes it/);
  });

  it("warns of what protection refuses, of protection that is lost, and of what stays in the cluster", () => {
    const guarded = object(config, "data", {}, { protect: true });
    assert.match(only([guarded], []).notes.join(), /the engine refuses the whole update/);
    const open = only([guarded], [{ ...guarded, protect: false }]);
    assert.deepEqual([open.fate, open.notes], ["changed", ["loses its protection"]]);
    const kept = only([object(config, "data", {}, { retainOnDelete: true })], []);
    assert.deepEqual([kept.fate, kept.notes], ["removed", ["stays in the cluster, out of the program's hands"]]);
  });

  it("is nothing where the program ignores the field", () => {
    const scaled = (replicas: number) =>
      object("kubernetes:apps/v1:Deployment", "auth", { spec: { replicas } }, { ignoreChanges: ["spec.replicas"] });
    assert.deepEqual(changes([scaled(2)], [scaled(9)]), []);
  });

  it("is told gravest first, and once for all regions in which it is the same", () => {
    const inRegion = (region: string) => ({ ...object(config, "new", {}), provider: region, urn: `urn:${region}` });
    const list = changes([object(config, "old", {})], [inRegion("eu-west"), inRegion("us-west")]);
    assert.deepEqual(
      list.map(({ fate }) => fate),
      ["removed", "added", "added"],
    );
    assert.deepEqual(
      sharedChanges(list).map(({ fate, regions }) => [fate, regions]),
      [
        ["removed", ["eu-west"]],
        ["added", ["eu-west", "us-west"]],
      ],
    );
  });
});

describe("fields that differ", () => {
  const paths = (before: unknown, after: unknown) => fieldChanges("Deployment", before, after).map(({ path }) => path);

  it("are found by the names of a list's items, so that a new one in front changes nothing after it", () => {
    const env = (...names: string[]) => ({ env: names.map((name) => ({ name, value: name })) });
    assert.deepEqual(paths(env("B", "C"), env("A", "B", "C")), ["env.A"]);
    assert.deepEqual(paths({ args: ["a", "b"] }, { args: ["a", "c"] }), ["args[1]"]);
    assert.deepEqual(fieldChanges("Deployment", { args: ["a"] }, { args: ["a", "b"] }), [
      { path: "args", what: "changed", before: "1 items", after: "2 items" },
    ]);
  });

  it("count a null as absent, as the engine does", () => {
    assert.deepEqual(paths({ spec: { a: null } }, { spec: {} }), []);
    assert.deepEqual(fieldChanges("Deployment", { spec: {} }, { spec: { replicas: 2 } }), [
      { path: "spec.replicas", what: "added", before: undefined, after: "2" },
    ]);
  });

  it("show numbers, switches, quantities and images", () => {
    const shown: [string, unknown, string][] = [
      ["spec.replicas", 3, "3"],
      ["spec.automountServiceAccountToken", true, "true"],
      ["spec.containers.a.image", "registry.local:5000/team/a:v1.2", "registry.local:5000/team/a:v1.2"],
      ["spec.containers.a.resources.limits.memory", "2Gi", "2Gi"],
      ["spec.hard.pods", "200", "200"],
      ["spec.strategy.rollingUpdate.maxUnavailable", "10%", "10%"],
    ];
    for (const [path, value, text] of shown) assert.equal(shownValue("Deployment", path.split("."), value), text, path);
  });

  it("never show what may be secret: content, environment, arguments, annotations, free text", () => {
    const hidden: [string, string, unknown][] = [
      ["Secret", "stringData.pin", 1234],
      ["ConfigMap", "data.players", 10],
      ["RandomPassword", "length", 24],
      ["Deployment", "spec.containers.a.env.PIN.value", 1234],
      ["Deployment", "spec.containers.a.env.PIN.value", "200Mi"],
      ["Deployment", "spec.containers.a.args.0", "--password=hunter2"],
      ["Deployment", "metadata.annotations.memory", "2Gi"],
      ["Deployment", "spec.containers.a.image", "user:hunter2@registry/a b"],
      ["Release", "values.adminPassword", 123456],
      ["Release", "values.apiKey", 123456],
      ["Release", "values.limits.memory", "hunter2"],
      ["Deployment", "spec.serviceName", "hunter2"],
    ];
    for (const [kind, path, value] of hidden) assert.equal(shownValue(kind, path.split("."), value), undefined, path);
  });
});

describe("numbers of a plan that differ", () => {
  it("stand together by what they are of, new and gone ones too", () => {
    const figure = (name: string, text: string, subject = "pool data") => ({ region: "eu-west", subject, name, text });
    const before = [figure("nodes needed", "3"), figure("maximum", "9"), figure("pods", "1", "pool old")];
    const after = [figure("nodes needed", "4"), figure("maximum", "9"), figure("minimum", "2")];
    assert.deepEqual(figureChanges(before, after), [
      {
        region: "eu-west",
        subject: "pool data",
        numbers: [
          { name: "nodes needed", before: "3", after: "4" },
          { name: "minimum", before: "", after: "2" },
        ],
      },
      { region: "eu-west", subject: "pool old", numbers: [{ name: "pods", before: "1", after: "" }] },
    ]);
  });
});
