import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { argocdChart, argocdValues } from "../../components/delivery/values.ts";
import { renderManifests } from "../../tools/offline/manifests.ts";
import { runWith } from "../support/runs.ts";
import { type Changes, configOf } from "../support/stacks.ts";
import { delivering } from "./support/delivered.ts";

interface Values {
  "redis-ha": { enabled: boolean };
  server: { replicas: number };
  repoServer: { replicas: number };
  applicationSet: { replicas: number };
  notifications: { enabled: boolean; secret?: { create: boolean; name: string }; triggers?: Record<string, string> };
  configs: { params: Record<string, unknown>; rbac: Record<string, string>; cm: Record<string, unknown> };
}

function valuesOf(changes: Changes = {}): Values {
  return argocdValues(configOf("prod", delivering(changes)).delivery.argocd) as unknown as Values;
}

const sso = {
  "delivery.argocd.sso": { issuer: "https://login.example.com", clientId: "0123456789", secretName: "argocd-login" },
};

describe("values of Argo CD's chart", () => {
  it("run two of each part and a cache that survives one, or one of each where nobody waits", () => {
    const parts = ({ server, repoServer, applicationSet }: Values) =>
      [server, repoServer, applicationSet].map(({ replicas }) => replicas);
    assert.deepEqual([valuesOf()["redis-ha"].enabled, parts(valuesOf())], [true, [2, 2, 2]]);
    const small = valuesOf({ "delivery.argocd.highAvailability": false });
    assert.deepEqual([small["redis-ha"].enabled, parts(small)], [false, [1, 1, 1]]);
  });

  it("tell nobody unless the stack says whom", () => {
    assert.deepEqual(valuesOf().notifications, { enabled: false });
    const told = valuesOf({ "delivery.argocd.notifications": { channel: "deployments" } }).notifications;
    assert.equal(told.enabled, true);
    assert.deepEqual(told.secret, { create: false, name: "argocd-notifications-secret" });
    for (const [name, text] of Object.entries(told.triggers ?? {})) {
      const [trigger] = parse(text) as [{ when: string; send: string[] }];
      assert.match(name, /^trigger\.on-(sync-failed|health-degraded)$/);
      assert.match(trigger.when, /^app\.status\./);
      assert.equal(trigger.send.length, 1);
    }
  });

  it("refer to the secret of the login by its name, and read a client of digits as text", () => {
    const login = parse(String(valuesOf(sso).configs.cm["oidc.config"])) as Record<string, unknown>;
    assert.deepEqual(login, {
      name: "SSO",
      issuer: "https://login.example.com",
      clientID: "0123456789",
      clientSecret: "$argocd-login:client-secret",
      requestedScopes: ["openid", "profile", "email", "groups"],
    });
  });

  it("have the built-in administrator only where there is no other way in", () => {
    assert.equal(valuesOf().configs.cm["admin.enabled"], true);
    assert.equal(valuesOf(sso).configs.cm["admin.enabled"], false);
    assert.equal(valuesOf().configs.cm["oidc.config"], undefined);
  });

  it("hold no secret: only names of Secrets, and `$` references", () => {
    const text = JSON.stringify(
      valuesOf({ ...sso, "delivery.argocd.notifications": { channel: "deployments", secretName: "slack" } }),
    );
    const secrets = [...text.matchAll(/(\w*(?:secret|token|password)\w*)\\*"?:\s*\\*"?([^,}\\"]+)/gi)].map(
      ([, key, value]) => `${key}: ${value}`,
    );
    assert.deepEqual(
      secrets.filter((one) => !/: (\$|\{|false$|slack$)/.test(one)),
      [],
    );
    assert.ok(
      secrets.some((one) => one.includes("$slack-token")) && secrets.some((one) => one.includes("$argocd-login")),
    );
  });

  it("give nobody a role by default, and let waves work", () => {
    const { configs } = valuesOf();
    assert.equal(configs.rbac["policy.default"], "");
    assert.equal(configs.rbac["scopes"], "[groups]");
    // By this setting alone an ApplicationSet goes in waves; without it all regions got a change at once.
    assert.equal(configs.params["applicationsetcontroller.enable.progressive.syncs"], true);
  });

  it("find an object of a release by an annotation, which leaves labels and selectors as they are", () => {
    assert.equal(valuesOf().configs.cm["application.resourceTrackingMethod"], "annotation");
  });
});

describe("Argo CD's chart", function () {
  this.timeout(120_000);
  it("is installed where the stack says so, before projects and Applications, and else never", async () => {
    const helm = await runWith("dev", delivering({ "delivery.argocd.install": "helm" }));
    const release = helm.resources.find(({ inputs }) => inputs["chart"] === argocdChart.name);
    assert.ok(release);
    assert.deepEqual([release.inputs["version"], release.inputs["namespace"]], [argocdChart.version, "argocd"]);
    const project = helm.resources.find(({ inputs }) => inputs["kind"] === "AppProject");
    assert.ok(project?.dependsOn.includes(release.urn), "projects do not wait for the kinds of the chart");
    assert.match(renderManifests(helm).get("INDEX.md") ?? "", /\| us-west \| argo-cd \| [\d.]+ \| argocd \|/);
    const existing = await runWith("dev", delivering());
    assert.equal(
      existing.resources.some(({ inputs }) => inputs["chart"] === argocdChart.name),
      false,
    );
  });

  it("is installed in the region of the hub alone", async () => {
    const hub = { "delivery.argocd.install": "helm", "delivery.argocd.hub": "eu-west" };
    const run = await runWith("prod", delivering(hub));
    const releases = run.resources.filter(({ inputs }) => inputs["chart"] === argocdChart.name);
    assert.deepEqual(
      releases.map(({ provider }) => provider),
      ["eu-west"],
    );
  });
});
