import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Delivery } from "../../components/config/delivery.ts";
import { createModeMarker } from "../../components/delivery/mode-marker.ts";
import { runOffline } from "../../tools/offline/host.ts";

/** The marker of a region as the program registers it. */
async function marker(delivery: { mode: "pulumi" | "argocd"; handOver: boolean }, protectData = true) {
  const program = async () => {
    const args = { delivery: Delivery.parse(delivery), namespace: "game", protectData };
    createModeMarker("us-west", args, {});
    return {};
  };
  const { resources } = await runOffline("dev", { config: {}, program });
  const found = resources.find(({ type }) => type === "kubernetes:core/v1:ConfigMap");
  assert.ok(found);
  const { metadata } = found.inputs as { metadata: { name: string } };
  return { logicalName: found.name, name: metadata.name, protect: found.protect };
}

describe("the marker of the delivery's mode", () => {
  it("has one logical name, so that another mode is a replacement: left out, it would be refused after its neighbours were deleted", async () => {
    const markers = [
      await marker({ mode: "pulumi", handOver: false }),
      await marker({ mode: "argocd", handOver: false }),
    ];
    assert.deepEqual(
      markers.map(({ logicalName, name }) => [logicalName, name]),
      [
        ["us-west-delivered-by", "delivered-by-pulumi"],
        ["us-west-delivered-by", "delivered-by-argocd"],
      ],
    );
  });

  it("is protected but in the step that prepares a hand-over: with mode and handOver changed at once nothing would be retained", async () => {
    const steps = [
      { mode: "pulumi", handOver: false },
      { mode: "argocd", handOver: false },
      { mode: "argocd", handOver: true },
      { mode: "pulumi", handOver: true },
    ] as const;
    const found: boolean[] = [];
    for (const step of steps) found.push((await marker(step)).protect);
    assert.deepEqual(found, [true, true, true, false]);
  });

  it("is not protected where data is not", async () => {
    assert.equal((await marker({ mode: "pulumi", handOver: false }, false)).protect, false);
  });
});
