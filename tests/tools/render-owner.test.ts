import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { parse } from "yaml";
import { deliveredKinds } from "../../components/delivery/ownership.ts";
import { delivering } from "../delivery/support/delivered.ts";
import { copyProject, type Ended, runTool, temporaryFolder } from "../support/programs.ts";
import { stackConfig } from "../support/stacks.ts";
import { build, findKubectl } from "./support/kustomize.ts";
import { filesBelow } from "./support/trees.ts";

const isKustomization = (path: string) => path.endsWith("/kustomization.yaml");

/** Objects of a tree without what is there for Argo CD alone, by path. */
function objectsOf(files: ReadonlyMap<string, string>): string[] {
  return [...files.keys()].filter((path) => path.endsWith(".yaml") && !isKustomization(path));
}

describe("npm run render --owner", () => {
  const temporary = temporaryFolder();
  const project = join(temporary.path, "project");
  const out = (name: string) => join(temporary.path, name);
  // A stack of Argo CD, and one of the engine: each is asked for without an owner.
  const render = (name: string, stack: string, args: string[] = [], environment: Record<string, string> = {}) =>
    runTool("render", [stack, "--out", out(name), ...args], { project, environment });
  const ended: Record<string, Ended> = {};

  before(async function () {
    this.timeout(240_000);
    mkdirSync(project);
    copyProject(project, {
      gitops: { config: stackConfig("dev", delivering()) },
      direct: { config: stackConfig("dev") },
    });
    const elsewhere = { TZ: "Pacific/Auckland", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" };
    const calls: [name: string, stack: string, args: string[], environment?: Record<string, string>][] = [
      ["argocd", "gitops", []],
      ["again", "gitops", ["--owner", "argocd"], elsewhere],
      ["engine", "gitops", ["--owner", "pulumi"]],
      ["all", "gitops", ["--owner", "all"]],
      ["before", "direct", ["--owner", "argocd"]],
      ["direct", "direct", []],
      ["unknown", "gitops", ["--owner", "flux"]],
    ];
    for (const [name, stack, args, environment] of calls) ended[name] = await render(name, stack, args, environment);
  });

  after(() => temporary.remove());

  function tree(name: string): Map<string, string> {
    const call = ended[name];
    assert.ok(call, name);
    assert.equal(call.code, 0, call.stderr);
    return filesBelow(out(name));
  }

  it("is Argo CD where the stack's mode is argocd, and everybody where the engine applies everything", () => {
    assert.match(tree("argocd").get("INDEX.md") ?? "", /What Argo CD owns; the engine owns the rest/);
    assert.match(tree("direct").get("INDEX.md") ?? "", /Secrets are made by the engine/);
    assert.ok(objectsOf(tree("direct")).length > objectsOf(tree("argocd")).length);
  });

  it("is one of three, and anything else is a mistake in the call", () => {
    const { code, stdout, stderr } = ended["unknown"] ?? {};
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr ?? "", /^--owner flux: want one of pulumi, argocd, all\n\nnpm run render/);
    assert.throws(() => filesBelow(out("unknown")), { code: "ENOENT" });
  });

  it("writes for Argo CD the same bytes twice, and in another time zone and language", () => {
    assert.deepEqual([...tree("again")], [...tree("argocd")]);
  });

  it("writes the same tree before a hand-over, when the stack has no repository yet", () => {
    const plain = (name: string) =>
      [...tree(name)].map(([path, text]) => [path, text.replace(/^# Objects of stack \w+$/m, "# Objects")]);
    assert.deepEqual(plain("before"), plain("argocd"));
  });

  it("parts the objects: what is Argo CD's and what is the engine's come to all, and none is of both", () => {
    const [ofArgoCd, ofEngine] = [objectsOf(tree("argocd")), objectsOf(tree("engine"))];
    assert.deepEqual([...ofArgoCd, ...ofEngine].sort(), objectsOf(tree("all")).sort());
    assert.equal(new Set([...ofArgoCd, ...ofEngine]).size, ofArgoCd.length + ofEngine.length);
  });

  it("shows with all what is in the clusters: Argo CD's own objects and the marker of the mode were missing", () => {
    const all = objectsOf(tree("all"));
    for (const name of ["argocd/AppProject-mmorpg-game", "argocd/Application-mmorpg-game-us-west"]) {
      assert.ok(all.includes(`us-west/${name}.yaml`), name);
    }
    assert.deepEqual(
      all.filter((path) => path.includes("delivered-by-")).map((path) => path.split("/").at(-1)),
      ["ConfigMap-delivered-by-argocd.yaml"],
    );
  });

  it("writes for Argo CD no Secret and no kind that a project does not allow, and lists no chart", () => {
    const kinds = deliveredKinds.map(({ kind }) => kind);
    const files = tree("argocd");
    for (const path of objectsOf(files)) {
      const { kind } = parse(files.get(path) ?? "") as { kind: string };
      assert.ok(kinds.includes(kind), `${path}: ${kind}`);
    }
    const index = files.get("INDEX.md") ?? "";
    assert.doesNotMatch(index, /\| Secret \||not written|Helm charts/);
  });

  it("lists in each kustomization exactly the files of its folder", () => {
    const files = tree("argocd");
    const folders = new Set(objectsOf(files).map((path) => path.slice(0, path.lastIndexOf("/"))));
    assert.deepEqual([...folders].sort(), ["us-west/ad-platform-staging", "us-west/game"]);
    for (const folder of folders) {
      const kustomization = parse(files.get(`${folder}/kustomization.yaml`) ?? "") as Record<string, unknown>;
      assert.deepEqual(kustomization, {
        apiVersion: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: objectsOf(files)
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1))
          .sort(),
      });
    }
    for (const name of ["engine", "all", "direct"]) assert.equal([...tree(name).keys()].some(isKustomization), false);
  });

  it("comes with the real kustomize to the objects of the files, each as it is written", async function () {
    const kubectl = findKubectl();
    if (kubectl === undefined) return this.skip();
    const files = tree("argocd");
    for (const folder of ["us-west/ad-platform-staging", "us-west/game"]) {
      const key = (object: unknown) => {
        const { kind, metadata } = object as { kind: string; metadata: { name: string } };
        return `${kind} ${metadata.name}`;
      };
      const byKey = (one: unknown, other: unknown) => (key(one) < key(other) ? -1 : 1);
      const written = objectsOf(files)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => parse(files.get(path) ?? "", { version: "1.1" }) as unknown);
      const built = await build(kubectl, join(out("argocd"), folder));
      assert.equal(built.length, written.length);
      assert.deepEqual(built.sort(byKey), written.sort(byKey));
    }
  });

  it("has the hash of every file in the index", () => {
    for (const name of ["argocd", "all"]) {
      const files = tree(name);
      const rows = [...(files.get("INDEX.md") ?? "").matchAll(/^\|.*\| (\S+\.yaml) \| ([0-9a-f]{16}) \|$/gm)];
      assert.deepEqual(rows.map(([, path]) => path ?? "").sort(), objectsOf(files).sort());
      for (const [, path = "", hash] of rows) {
        const text = files.get(path) ?? "";
        assert.equal(createHash("sha256").update(text).digest("hex").slice(0, 16), hash, path);
      }
    }
  });

  it("tells with --check what was changed, is missing and is too much, and ends with 1", async function () {
    this.timeout(60_000);
    const folder = join(out("again"), "us-west", "game");
    writeFileSync(join(folder, "Deployment-auth-service.yaml"), "edited: true\n");
    rmSync(join(folder, "Service-auth-service.yaml"));
    writeFileSync(join(folder, "Secret-mine.yaml"), "kind: Secret\n");
    const found = await render("again", "gitops", ["--check", "--json"]);
    assert.equal(found.code, 1);
    const { owner, missing, changed, stale } = JSON.parse(found.stdout);
    assert.deepEqual(
      [owner, missing, changed, stale],
      [
        "argocd",
        ["us-west/game/Service-auth-service.yaml"],
        ["us-west/game/Deployment-auth-service.yaml"],
        ["us-west/game/Secret-mine.yaml"],
      ],
    );
    const said = await render("again", "gitops", ["--check"]);
    assert.equal(said.code, 1);
    assert.match(said.stdout, /^missing {2}us-west\/game\/Service-auth-service\.yaml$/m);
    assert.match(said.stdout, /^stale {4}us-west\/game\/Secret-mine\.yaml$/m);
    assert.match(said.stdout, /npm run render -- gitops --owner argocd --out/);
    const mended = await render("again", "gitops", []);
    assert.match(mended.stdout, /1 new, 1 changed, 1 removed/);
    assert.deepEqual([...filesBelow(out("again"))], [...tree("argocd")]);
  });
});
