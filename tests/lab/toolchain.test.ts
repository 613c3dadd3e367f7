import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { checkSum } from "../../lab/download.ts";
import type { ToolSpec } from "../../lab/tool-specs.ts";
import { controlPlanePrograms, toolSpecs } from "../../lab/tool-specs.ts";
import { findTools, goHash, resolveTool, versionIn } from "../../lab/toolchain.ts";

describe("toolchain", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const program = (folder: string, name: string, version: string) => {
    mkdirSync(join(root, folder), { recursive: true });
    const file = join(root, folder, name);
    writeFileSync(file, `#!/bin/sh\necho ${version}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  // /bin has the shell of the fake programs; none of the tools is there.
  const path = (...folders: string[]) => ({
    PATH: [...folders.map((folder) => join(root, folder)), "/bin"].join(delimiter),
  });
  const specOf = (name: ToolSpec["name"]) => toolSpecs.find((spec) => spec.name === name) as ToolSpec;
  const options = (environment: NodeJS.ProcessEnv) => ({
    environment,
    root: join(root, "cache"),
    onProgress: () => undefined,
  });

  it("takes a control plane from PATH only when all five programs are there", async () => {
    const cachedOnly = true;
    for (const name of controlPlanePrograms.slice(1)) program("one", name, "v1.36.0");
    assert.equal(await resolveTool(specOf("kube"), { ...options(path("one", "two")), cachedOnly }), undefined);
    const etcd = program("two", "etcd", "3.6.8");
    const folder = await resolveTool(specOf("kube"), { ...options(path("one", "two")), cachedOnly });
    assert.equal(readlinkSync(join(folder ?? "", "etcd")), etcd);
  });

  it("passes over a program of an unsuitable version", async () => {
    program("old", "pulumi", "v3.200.0");
    const found = program("new", "pulumi", "v3.260.1");
    const folder = await resolveTool(specOf("pulumi"), options(path("old", "new")));
    assert.equal(readlinkSync(join(folder ?? "", "pulumi")), found);
  });

  it("never runs the npm launcher, which downloads", async () => {
    program("node_modules/.bin", "pulumi", "v3.260.1");
    const look = { ...options(path("node_modules/.bin")), cachedOnly: true };
    assert.equal(await resolveTool(specOf("pulumi"), look), undefined);
  });

  it("says what is missing when there is no Go", async () => {
    const message =
      /pulumi 3\.\S+ is not on PATH and cannot be built: Go 1\.26 or newer is needed, and there is no `go`/;
    await assert.rejects(resolveTool(specOf("pulumi"), options(path())), message);
  });

  it("says what is wrong with an old Go", async () => {
    program("go", "go", "go1.22.1");
    await assert.rejects(resolveTool(specOf("kwok"), options(path("go"))), /found "go1\.22\.1"/);
  });

  it("builds with Go what is nowhere else, and finds it afterwards", async () => {
    program("go", "go", "go1.26.8");
    const spec: ToolSpec = {
      ...specOf("kwok"),
      go: { module: "kwok", minutes: 1, build: async (_, folder) => writeFileSync(join(folder, "kwok"), "") },
    };
    const built = await resolveTool(spec, options(path("go")));
    assert.equal(built, join(root, "cache", `kwok-${goHash(spec, "go1.26.8")}`));
    const never: ToolSpec = { ...spec, go: { ...spec.go, build: () => assert.fail("built twice") } };
    assert.equal(await resolveTool(never, options(path("go"))), built);
  });

  it("looks without building when only asked to look", async () => {
    const tools = await findTools({ environment: path(), root: join(root, "cache") });
    assert.equal(tools, undefined);
  });

  it("gives another hash to another Go, tool or module", () => {
    const hash = goHash(specOf("kwok"), "go1.26.8");
    assert.notEqual(goHash(specOf("kwok"), "go1.26.9"), hash);
    assert.notEqual(goHash(specOf("kwok-stages"), "go1.26.8"), hash);
    const copy = join(root, "go");
    mkdirSync(join(copy, "kwok"), { recursive: true });
    writeFileSync(join(copy, "kwok", "go.mod"), "module other\n");
    assert.notEqual(goHash(specOf("kwok"), "go1.26.8", copy), hash);
  });

  it("reads versions as the programs print them", () => {
    assert.deepEqual(versionIn("Kubernetes v1.36.3"), [1, 36]);
    assert.deepEqual(versionIn("etcd Version: 3.6.8\nGit SHA: 1234"), [3, 6]);
    assert.deepEqual(versionIn("kwok version v0.8.0 go1.26 (linux/amd64)"), [0, 8]);
    assert.equal(versionIn("no number"), undefined);
  });

  it("accepts a download only with the published sum", () => {
    const body = Buffer.from("content");
    const sum = createHash("sha256").update(body).digest("hex");
    const item = { url: "https://example.invalid/tool.tar.gz", sumUrl: "https://example.invalid/sums" };
    checkSum(item, body, `${sum}\n`);
    checkSum(item, body, `${"0".repeat(64)}  other.tar.gz\n${sum}  tool.tar.gz\n`);
    assert.throws(() => checkSum(item, body, "0".repeat(64)), /SHA-256 is [0-9a-f]{64}, want 0{64}/);
    assert.throws(() => checkSum(item, body, `${sum}  a\n${sum}  b\n`), /has no sum for tool\.tar\.gz/);
  });

  it("pins every download and has a module for every tool", () => {
    for (const spec of toolSpecs) {
      for (const { url } of spec.downloads ?? []) assert.ok(url.includes(spec.version) || url.includes("etcd"), url);
      assert.ok(goHash(spec, "go1.26.8"));
    }
  });
});
