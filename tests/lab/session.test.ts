import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { mergeKubeconfigs, writeKubeconfig } from "../../lab/kubeconfig.ts";
import { freePorts } from "../../lab/ports.ts";
import { isOurs, stopProcesses } from "../../lab/processes.ts";
import { type Lab, readLab, runningProcesses, startLab, stopLab } from "../../lab/session.ts";
import { trialRegions } from "./trial-regions.ts";

describe("lab session", () => {
  let root: string;
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
    folder = join(root, "lab");
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(root, { recursive: true, force: true });
  });

  // None of these exist, so a start that gets past the checks fails at its first program.
  const tools = { kubeControlPlane: "/none", kubectl: "k", kwok: "w", kwokStages: "s", pulumi: "p" };
  // A shell that starts programs one after the other keeps its own command line.
  const waiting = "while :; do sleep 1; done";
  /** Runs a shell that looks like a program of the lab, or like one of somebody else. */
  const standIn = async (name: string, argument: string, script = waiting): Promise<number> => {
    const child = spawn("/bin/sh", ["-c", script, argument], { argv0: name, stdio: "ignore" });
    children.push(child);
    await new Promise((resolve) => child.once("spawn", resolve));
    return child.pid ?? 0;
  };
  const writeLab = (processes: { name: string; pid: number }[]): Lab => {
    const region = join(folder, "us-west");
    mkdirSync(region, { recursive: true });
    const cluster = { region: "us-west", context: "us-west", server: "https://127.0.0.1:1", folder: region, processes };
    const lab = { stack: "dev", folder, kubeconfig: join(folder, "kubeconfig"), clusters: [cluster], tools };
    writeFileSync(join(folder, "lab.json"), JSON.stringify(lab));
    return lab;
  };
  const start = (change = {}) =>
    startLab({
      stack: "dev",
      folder,
      regions: trialRegions(),
      crds: [],
      tools,
      onProgress: () => undefined,
      ...change,
    });

  it("reads back what describes a lab", () => {
    assert.equal(readLab(folder), undefined);
    const lab = writeLab([]);
    assert.deepEqual(readLab(folder), lab);
  });

  it("names the file and the field when the description is damaged", () => {
    const lab = writeLab([]);
    writeFileSync(join(folder, "lab.json"), JSON.stringify({ ...lab, stack: 7 }));
    assert.throws(() => readLab(folder), /lab\.json does not describe a lab:[\s\S]*stack/);
    writeFileSync(join(folder, "lab.json"), "{");
    assert.throws(() => readLab(folder), /lab\.json is not JSON/);
  });

  it("recognises its own process, and nobody else's under the same id", async () => {
    const pid = await standIn("etcd", join(folder, "us-west", "etcd"));
    const region = join(folder, "us-west");
    assert.ok(isOurs({ name: "etcd", pid }, region));
    assert.ok(!isOurs({ name: "kwok", pid }, region));
    assert.ok(!isOurs({ name: "etcd", pid }, join(folder, "us")));
    assert.ok(!isOurs({ name: "etcd", pid: process.pid }, region));
  });

  it("stops its processes and leaves a reused process id alone", async () => {
    const own = await standIn("etcd", join(folder, "us-west", "etcd"));
    const foreign = await standIn("database", "/elsewhere");
    const lab = writeLab([
      { name: "etcd", pid: own },
      { name: "kwok", pid: foreign },
    ]);
    assert.deepEqual(runningProcesses(lab), [{ region: "us-west", name: "etcd", pid: own }]);
    await stopLab(lab);
    assert.deepEqual(runningProcesses(lab), []);
    assert.ok(!existsSync(folder));
    process.kill(foreign, 0);
  });

  it("kills a process that does not listen to SIGTERM", async () => {
    const pid = await standIn(
      "etcd",
      join(folder, "us-west", "etcd"),
      `trap '' TERM; echo > ${join(root, "ready")}; ${waiting}`,
    );
    while (!existsSync(join(root, "ready"))) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(await stopProcesses([{ name: "etcd", pid }], join(folder, "us-west"), 100), ["etcd"]);
  });

  it("refuses to start where a lab runs", async () => {
    const pid = await standIn("etcd", join(folder, "us-west", "etcd"));
    writeLab([{ name: "etcd", pid }]);
    await assert.rejects(
      start(),
      new RegExp(`a lab of stack dev runs in .* \\(etcd of us-west, process ${pid}\\); stop it first`),
    );
    assert.ok(existsSync(join(folder, "lab.json")));
  });

  it("clears the folder of a dead lab", async () => {
    writeLab([{ name: "etcd", pid: 2 ** 22 + 1 }]);
    writeFileSync(join(folder, "old.log"), "");
    await assert.rejects(start(), /ENOENT/);
    assert.ok(!existsSync(join(folder, "old.log")));
    assert.ok(!existsSync(`${folder}.lock`));
  });

  it("does not touch a folder that is not a lab's", async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "thesis.txt"), "");
    await assert.rejects(start(), /has files and is not the folder of a lab/);
    assert.ok(existsSync(join(folder, "thesis.txt")));
  });

  it("lets only one start work in a folder", async () => {
    const first = start();
    await assert.rejects(start(), new RegExp(`process ${process.pid} is starting or stopping a lab in`));
    await assert.rejects(first, /ENOENT/);
  });

  it("names every unknown project of definitions", async () => {
    await assert.rejects(
      start({ crds: ["keda", "kedo", "istio"] }),
      /unknown definitions: kedo, istio; want some of keda, /,
    );
  });

  it("hands out ports that are free and never the same twice", async () => {
    const sets = await Promise.all([freePorts(20), freePorts(20), freePorts(20)]);
    assert.equal(new Set(sets.flat()).size, 60);
    const server = createServer();
    await new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen(sets[0]?.[0], "127.0.0.1", resolve),
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it("joins kubeconfigs without a current context", () => {
    const files = ["us-west", "eu-west"].map((region) => {
      mkdirSync(join(root, region));
      for (const name of ["ca.crt", "admin.crt", "admin.key"]) writeFileSync(join(root, region, name), region);
      return writeKubeconfig(join(root, region), region, `https://127.0.0.1/${region}`);
    });
    const target = join(root, "kubeconfig");
    mergeKubeconfigs(files, target);
    const merged = parse(readFileSync(target, "utf8"));
    assert.deepEqual(
      merged.contexts.map((one: { name: string }) => one.name),
      ["us-west", "eu-west"],
    );
    assert.deepEqual(
      merged.clusters.map((one: { cluster: { server: string } }) => one.cluster.server),
      ["https://127.0.0.1/us-west", "https://127.0.0.1/eu-west"],
    );
    assert.equal(merged["current-context"], undefined);
  });
});
