import assert from "node:assert/strict";
import { diffSettings, readSettings } from "../../lab/provider/settings.ts";
import { type JsonObject, unknownMarker } from "../../lab/provider/values.ts";

const config = (server: string, token: string) =>
  `clusters: [{name: c, cluster: {server: "${server}"}}]\nusers: [{name: u, user: {token: ${token}}}]`;

function replacing(before: JsonObject, after: JsonObject): { changed: string[]; replaces: string[] } {
  const { detailed } = diffSettings(before, after);
  const names = [...detailed.keys()];
  return { changed: names, replaces: names.filter((name) => detailed.get(name)?.replaces) };
}

describe("provider arguments", () => {
  it("with a cluster identifier, nothing but another identifier replaces", () => {
    const before = { clusterIdentifier: "a", kubeconfig: config("https://one", "t"), context: "one", namespace: "x" };
    const after = { clusterIdentifier: "a", kubeconfig: config("https://two", "t"), context: "two", namespace: "y" };
    const result = replacing(before, after);
    assert.deepEqual(result.changed.sort(), ["context", "kubeconfig", "namespace"]);
    assert.deepEqual(result.replaces, []);
    assert.deepEqual(replacing(before, { ...before, clusterIdentifier: "b" }).replaces, ["clusterIdentifier"]);
  });

  it("with a cluster identifier, an unknown kubeconfig is an update", () => {
    const before = { clusterIdentifier: "a", kubeconfig: "x" };
    assert.deepEqual(replacing(before, { ...before, kubeconfig: unknownMarker }).replaces, []);
  });

  it("without a cluster identifier, another server or context replaces, another token does not", () => {
    const before = { kubeconfig: config("https://one", "t"), context: "one" };
    assert.deepEqual(replacing(before, { ...before, kubeconfig: config("https://two", "t") }).replaces, ["kubeconfig"]);
    assert.deepEqual(replacing(before, { ...before, kubeconfig: config("https://one", "s") }).replaces, []);
    assert.deepEqual(replacing(before, { ...before, context: "two" }).replaces, ["context"]);
  });

  it("adding or dropping the identifier alone replaces nothing", () => {
    assert.deepEqual(replacing({}, { clusterIdentifier: "a" }), { changed: ["clusterIdentifier"], replaces: [] });
    assert.deepEqual(replacing({ clusterIdentifier: "a" }, {}), { changed: ["clusterIdentifier"], replaces: [] });
  });

  it("are read from the texts that the SDK sends", () => {
    const settings = readSettings({ enableConfigMapMutable: "true", enableSecretMutable: "false", context: "one" });
    assert.equal(settings.configMapsMutable, true);
    assert.equal(settings.secretsMutable, false);
    assert.equal(settings.takeExisting, false);
    assert.equal(settings.force, false);
    assert.equal(settings.context, "one");
    assert.equal(settings.isKnown, true);
  });

  it("may be unknown in a preview", () => {
    assert.equal(readSettings({ kubeconfig: unknownMarker }).isKnown, false);
  });

  it("refuse client-side apply", () => {
    assert.throws(() => readSettings({ enableServerSideApply: "false" }), /server-side apply only/);
  });
});
