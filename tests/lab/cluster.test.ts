import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { coreApi, isReady, managedNodeLabel } from "../../lab/nodes.ts";
import { freePorts } from "../../lab/ports.ts";
import { commandLine } from "../../lab/processes.ts";
import { type Lab, readLab, runningProcesses, startLab, stopLab } from "../../lab/session.ts";
import { controlPlanePrograms } from "../../lab/tool-specs.ts";
import { findTools, type Tools } from "../../lab/toolchain.ts";
import { trialRegions } from "./trial-regions.ts";

const run = promisify(execFile);
const limit = "--timeout=180s";

describe("lab cluster", function () {
  this.timeout(400_000);
  let tools: Tools | undefined;
  let root = "";
  let lab: Lab | undefined;
  let occupied: Server | undefined;
  let portRounds = 0;
  const lines: string[] = [];

  /** The first time, one of the ports is taken by somebody else, as it happens when two programs choose at once. */
  const ports = async (count: number): Promise<number[]> => {
    const free = await freePorts(count);
    portRounds++;
    if (portRounds > 1) return free;
    occupied = createServer();
    const [, port] = free;
    await new Promise<void>((resolve, reject) => occupied?.once("error", reject).listen(port, "127.0.0.1", resolve));
    return free;
  };
  const kubectl = async (...args: string[]): Promise<string> => {
    const context = lab?.clusters[0]?.context ?? "";
    const target = ["--kubeconfig", lab?.kubeconfig ?? "", "--context", context];
    return (await run(tools?.kubectl ?? "", [...target, ...args])).stdout.trim();
  };

  before(async function () {
    tools = await findTools();
    if (tools === undefined) {
      console.warn(
        "    SKIPPED: no tests on a real API server, because the lab's tools are not built; run `npm run lab -- build`",
      );
      this.skip();
    }
    root = mkdtempSync(join(tmpdir(), "realmgrid-test-"));
    lab = await startLab({
      stack: "trial",
      folder: join(root, "lab"),
      regions: trialRegions(),
      // The definitions come from elsewhere, and this test works without any network.
      crds: process.env.LAB_CRDS ? ["keda", "vertical-pod-autoscaler"] : [],
      tools,
      ports,
      onProgress: (line) => lines.push(line),
    });
    await kubectl("apply", "--server-side", "--filename", join(import.meta.dirname, "workloads.yaml"));
  });
  after(async () => {
    if (lab && existsSync(lab.folder)) await stopLab(lab);
    occupied?.close();
    if (root) rmSync(root, { recursive: true, force: true });
  });

  it("chose other ports when one was taken in between", () => {
    assert.equal(portRounds, 2);
    assert.ok(lines.includes("us-west: a port was taken in between, choosing others"));
  });

  it("has Ready nodes with the labels that scheduling reads", async () => {
    const { items } = await coreApi(lab?.kubeconfig ?? "", "us-west").listNode();
    assert.equal(items.length, 15);
    assert.ok(items.every(isReady));
    const node = items.find(({ metadata }) => metadata?.name === "worlds-us-west-b-1");
    const {
      "realmgrid.io/pool": pool,
      "topology.kubernetes.io/zone": zone,
      "kubernetes.io/hostname": host,
    } = node?.metadata?.labels ?? {};
    assert.deepEqual([pool, zone, host], ["worlds", "us-west-b", "worlds-us-west-b-1"]);
    assert.equal(node?.status?.allocatable?.memory, "126Gi");
  });

  it("serves the definitions that were asked for", async function () {
    if (!process.env.LAB_CRDS) {
      console.warn("      SKIPPED: no definitions to install, because LAB_CRDS names no folder");
      this.skip();
    }
    assert.match(await kubectl("api-resources", "--api-group=keda.sh"), /ScaledObject/);
  });

  it("runs a Deployment of 20 pods with an init container and a sidecar", async () => {
    await kubectl("-n", "trial", "rollout", "status", "deployment/servers", limit);
    assert.equal(
      await kubectl("-n", "trial", "get", "deployment", "servers", "-o", "jsonpath={.status.readyReplicas}"),
      "20",
    );
  });

  it("runs a StatefulSet whose volumes stay in the zone of their pod", async () => {
    await kubectl("-n", "trial", "rollout", "status", "statefulset/worlds", limit);
    const claims = await kubectl(
      "-n",
      "trial",
      "get",
      "pvc",
      "-o",
      "jsonpath={range .items[*]}{.metadata.name}={.status.phase} {end}",
    );
    assert.equal(
      claims,
      "data-worlds-0=Bound data-worlds-1=Bound data-worlds-2=Bound no-such-class=Pending scratch=Bound",
    );
    const zones = await kubectl(
      "get",
      "pv",
      "-o",
      "jsonpath={.items[*].spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]}",
    );
    assert.deepEqual(zones.split(" ").sort(), ["us-west-a", "us-west-b", "us-west-c"]);
  });

  it("lets a claim grow", async () => {
    const growth = { spec: { resources: { requests: { storage: "20Gi" } } } };
    await kubectl("-n", "trial", "patch", "pvc", "data-worlds-0", "--type=merge", "-p", JSON.stringify(growth));
    await kubectl("-n", "trial", "wait", "pvc/data-worlds-0", "--for=jsonpath={.status.capacity.storage}=20Gi", limit);
  });

  it("completes a Job", async () => {
    await kubectl("-n", "trial", "wait", "--for=condition=complete", "job/backup", limit);
  });

  it("gives a LoadBalancer Service an address", async () => {
    const address = "jsonpath={.status.loadBalancer.ingress[0].hostname}";
    await kubectl("-n", "trial", "wait", "service/entrance", `--for=${address}=entrance.trial.lb.invalid`, limit);
  });

  it("does not wait out the grace period of a deleted pod", async () => {
    const before = await kubectl("-n", "trial", "get", "pods", "-l", "app=servers", "-o", "name");
    const [first = ""] = before.split("\n");
    // The grace period is 900 s, well beyond the limit of this command.
    await kubectl("-n", "trial", "delete", first, limit);
    await kubectl("-n", "trial", "rollout", "status", "deployment/servers", limit);
    const after = await kubectl("-n", "trial", "get", "pods", "-l", "app=servers", "-o", "name");
    assert.ok(!after.split("\n").includes(first));
    assert.equal(after.split("\n").length, 20);
  });

  it("lets a node hang and come back", async () => {
    const pod = JSON.parse(await kubectl("-n", "trial", "get", "pod", "worlds-0", "-o", "json"));
    await kubectl("label", "node", pod.spec.nodeName, `${managedNodeLabel}-`);
    await kubectl("-n", "trial", "delete", "pod", "worlds-0", "--wait=false");
    // The node does not answer, so the pod can only wait for its end.
    await assert.rejects(kubectl("-n", "trial", "wait", "--for=delete", "pod/worlds-0", "--timeout=2s"), /timed out/);
    await kubectl("label", "node", pod.spec.nodeName, `${managedNodeLabel}=true`);
    await kubectl("-n", "trial", "rollout", "status", "statefulset/worlds", limit);
    const uid = await kubectl("-n", "trial", "get", "pod", "worlds-0", "-o", "jsonpath={.metadata.uid}");
    assert.notEqual(uid, pod.metadata.uid);
  });

  it("refuses a second lab in the same folder", async () => {
    const again = startLab({
      stack: "trial",
      folder: lab?.folder,
      regions: trialRegions(),
      tools,
      onProgress: () => undefined,
    });
    await assert.rejects(again, /a lab of stack trial runs in .*; stop it first/);
  });

  it("answers on the command line", () => {
    const main = join(import.meta.dirname, "../../lab/main.ts");
    const words = ["--folder", lab?.folder ?? ""];
    const status = spawnSync(process.execPath, [main, "status", ...words, "--json"], { encoding: "utf8" });
    assert.equal(status.status, 0, status.stderr);
    assert.equal(JSON.parse(status.stdout).regions[0].processes.length, 5);
    const nodes = spawnSync(process.execPath, [main, "kubectl", ...words, "us-west", "get", "nodes", "-o", "name"], {
      encoding: "utf8",
    });
    assert.equal(nodes.stdout.trim().split("\n").length, 15, nodes.stderr);
  });

  it("deletes a namespace with everything in it, and the volumes after it", async () => {
    await kubectl("delete", "namespace", "trial", limit);
    await kubectl("wait", "--for=delete", "pv", "--all", limit);
    assert.equal(await kubectl("get", "pv", "-o", "name"), "");
  });

  it("shows the last lines of a program that ended during the start, and stops the others", async () => {
    assert.ok(tools && lab);
    const broken = join(root, "broken");
    mkdirSync(broken);
    for (const name of controlPlanePrograms) symlinkSync(join(tools.kubeControlPlane, name), join(broken, name));
    rmSync(join(broken, "kube-scheduler"));
    writeFileSync(join(broken, "kube-scheduler"), "#!/bin/sh\necho no luck today\nexit 7\n", { mode: 0o755 });
    const folder = join(root, "broken-lab");
    const start = startLab({
      stack: "broken",
      folder,
      regions: trialRegions(),
      crds: [],
      tools: { ...tools, kubeControlPlane: broken },
      onProgress: () => undefined,
    });
    await assert.rejects(start, /us-west: kube-scheduler ended with exit code 7\. Its last lines .*:\nno luck today/);
    const left = readLab(folder);
    assert.ok(left);
    assert.deepEqual(runningProcesses(left), []);
  });

  it("leaves no process and no file when it stops", async () => {
    assert.ok(lab);
    const pids = runningProcesses(lab).map(({ pid }) => pid);
    assert.equal(pids.length, 5);
    await stopLab(lab);
    for (const pid of pids) assert.ok(!commandLine(pid).includes(lab.folder));
    assert.ok(!existsSync(lab.folder));
    assert.ok(!existsSync(`${lab.folder}.lock`));
  });
});
