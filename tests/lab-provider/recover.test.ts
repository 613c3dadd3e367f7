import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Deployment,
  type FindObject,
  plan,
  recovered,
  removeBrokenAttributes,
  removeDeadLocks,
} from "../../tools/recovery.ts";

const provider = { urn: "urn:p", type: "pulumi:providers:kubernetes", id: "1", inputs: { context: "eu" } };

function service(name: string) {
  return {
    urn: `urn:${name}`,
    type: "kubernetes:core/v1:Service",
    provider: "urn:p::1",
    inputs: { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "game" } },
  };
}

function stateWith(type: string, ...resources: Deployment["resources"] & {}): Deployment {
  return { resources: [provider], pending_operations: resources.map((resource) => ({ resource, type })) };
}

const nothing: FindObject = async () => undefined;
const writtenBy =
  (manager: string): FindObject =>
  async (object) => ({ ...object, metadata: { ...object.metadata, managedFields: [{ manager }] } });

describe("recovery plan", () => {
  it("adopts an object that exists and was written by Pulumi, and asks in the provider's cluster", async () => {
    const asked: unknown[] = [];
    const find: FindObject = async (object, arguments_) => {
      asked.push(arguments_.context);
      return writtenBy("pulumi-kubernetes-ab12")(object, arguments_);
    };
    const [operation] = await plan(stateWith("creating", service("auth")), find);
    assert.equal(operation?.action, "adopt");
    assert.equal(operation?.id, "game/auth");
    assert.deepEqual(asked, ["eu"]);
  });

  it("forgets a creation that reached no cluster", async () => {
    const [operation] = await plan(stateWith("creating", service("auth")), nothing);
    assert.equal(operation?.action, "forget");
  });

  it("forgets what lives in the state alone", async () => {
    const password = { urn: "urn:r", type: "random:index/randomPassword:RandomPassword" };
    const [operation] = await plan(stateWith("creating", password), writtenBy("nobody"));
    assert.equal(operation?.action, "forget");
  });

  it("refuses an object that somebody else wrote", async () => {
    await assert.rejects(
      plan(stateWith("creating", service("auth")), writtenBy("helm")),
      /game\/auth.*written by helm/,
    );
  });

  it("refuses a resource that has its old object in the state as well", async () => {
    const state = stateWith("creating", service("auth"));
    const both = { ...state, resources: [provider, { ...service("auth"), id: "game/auth" }] };
    await assert.rejects(plan(both, writtenBy("pulumi-kubernetes")), /by hand/);
  });

  it("leaves updates and deletions to the refresh", async () => {
    for (const type of ["updating", "deleting"]) {
      const [operation] = await plan(stateWith(type, service("auth")), nothing);
      assert.equal(operation?.action, "leave to the refresh");
    }
  });
});

describe("recovered state", () => {
  it("has the adopted resources with their ids, and no creation left", async () => {
    const state = stateWith("creating", service("auth"), service("guild"));
    const find: FindObject = async (object, arguments_) =>
      object.metadata?.name === "auth" ? writtenBy("pulumi-kubernetes")(object, arguments_) : undefined;
    const result = recovered(state, await plan(state, find));
    assert.deepEqual(
      result.resources?.map(({ urn, id }) => `${urn} ${id}`),
      ["urn:p 1", "urn:auth game/auth"],
    );
    assert.deepEqual(result.pending_operations, []);
  });

  it("puts an adopted replacement in the place of what it replaces", async () => {
    const state = {
      ...stateWith("creating", service("auth")),
      resources: [provider, { ...service("auth"), id: "game/auth", pendingReplacement: true }],
    };
    const result = recovered(state, await plan(state, writtenBy("pulumi-kubernetes")));
    assert.equal(result.resources?.filter(({ urn }) => urn === "urn:auth").length, 1);
    assert.equal(result.resources?.at(-1)?.pendingReplacement, undefined);
  });

  it("keeps operations that are not creations", async () => {
    const state = stateWith("updating", service("auth"));
    assert.equal(recovered(state, await plan(state, nothing)).pending_operations?.length, 1);
  });
});

describe("locks of a file backend", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "locks-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const lock = (pid: number, host = hostname()) => {
    const file = join(folder, "1.json");
    writeFileSync(file, JSON.stringify({ pid, hostname: host }));
    return file;
  };

  it("of a dead process are removed", async () => {
    const file = lock(spawnSync(process.execPath, ["--version"]).pid);
    assert.equal((await removeDeadLocks(folder)).length, 1);
    assert.equal(existsSync(file), false);
  });

  it("of a living process stay", async () => {
    const file = lock(process.pid);
    await assert.rejects(removeDeadLocks(folder, 0), /which is running/);
    assert.equal(existsSync(file), true);
  });

  it("of another machine stay", async () => {
    lock(1, "elsewhere");
    await assert.rejects(removeDeadLocks(folder, 0), /on elsewhere/);
  });

  it("are none where there is no folder", async () => {
    assert.deepEqual(await removeDeadLocks(join(folder, "none")), []);
  });
});

describe("attributes beside a checkpoint", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "realmgrid-attributes-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("that a kill left half-written are removed: with them the good checkpoint cannot be read", () => {
    for (const [name, text] of [
      ["dev.json", "{}"],
      ["dev.json.attrs", ""],
      ["dev.json.bak", "{}"],
      ["dev.json.bak.attrs", '{"user.content_type":"text/pl'],
    ] as const) {
      writeFileSync(join(folder, name), text);
    }
    const removed = removeBrokenAttributes(join(folder, "dev.json")).sort();
    assert.deepEqual(removed, [join(folder, "dev.json.attrs"), join(folder, "dev.json.bak.attrs")]);
    assert.deepEqual(readdirSync(folder).sort(), ["dev.json", "dev.json.bak"]);
  });

  it("that are whole, or of another stack, stay", () => {
    writeFileSync(join(folder, "dev.json.attrs"), '{"user.content_type":"text/plain"}');
    writeFileSync(join(folder, "dev-two.json.attrs"), "");
    assert.deepEqual(removeBrokenAttributes(join(folder, "dev.json")), []);
    assert.deepEqual(readdirSync(folder).sort(), ["dev-two.json.attrs", "dev.json.attrs"]);
  });

  it("are none where there is no folder", () => {
    assert.deepEqual(removeBrokenAttributes(join(folder, "none", "dev.json")), []);
  });
});
