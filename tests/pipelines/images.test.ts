import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { wantedImages, withImages } from "../../tools/pipelines/images.ts";
import { textOf } from "./files.ts";

const digest = (character: string) => `@sha256:${character.repeat(64)}`;
const server = `registry.example.com/game-server:v2.2.0${digest("a")}`;

describe("a promotion of images", () => {
  it("takes a digest and refuses a tag, which can point at another image after the test", () => {
    assert.deepEqual([...wantedImages([`gameServer=${server}`])], [["gameServer", server]]);
    assert.throws(() => wantedImages(["gameServer=mmorpg/game-server:v2.2.0"]), /want a digest/);
    assert.throws(() => wantedImages(["gameServer=mmorpg/game-server:latest"]), /want a digest/);
  });

  it("refuses what is no image of ours, and a reference that the schema refuses", () => {
    assert.throws(() => wantedImages([`lobby=${server}`]), /lobby: no image of ours; want one of gameServer/);
    assert.throws(() => wantedImages([`pullSecret=x${digest("a")}`]), /no image of ours/);
    assert.throws(() => wantedImages([`gameServer=BAD NAME${digest("a")}`]), /gameServer: an image with a tag/);
  });

  it("gives prod the very image that dev has: the original built one image for staging and another for production", () => {
    const source = { stack: "dev", images: { gameServer: server, authService: "auth:v1" } };
    assert.deepEqual([...wantedImages(["gameServer"], source)], [["gameServer", server]]);
    assert.throws(() => wantedImages(["authService"], source), /want a digest/);
    assert.throws(() => wantedImages(["guildService"], source), /Pulumi\.dev\.yaml names no image/);
    assert.throws(() => wantedImages([`gameServer=${server}`], source), /with --from want only a name/);
  });

  it("changes the lines of these images and no other byte of the file", () => {
    const before = textOf("Pulumi.prod.yaml");
    const auth = `registry.example.com/auth${digest("b")}`;
    const images = new Map([
      ["gameServer", server],
      ["authService", auth],
    ]);
    const after = withImages(before, images);
    const linesOf = (text: string) => text.split("\n");
    const old = new Set(linesOf(before));
    assert.deepEqual(
      linesOf(after).filter((line) => !old.has(line)),
      [`    authService: ${auth}`, `    gameServer: ${server}`],
    );
    const fresh = new Set(linesOf(after));
    const gone = linesOf(before).filter((line) => !fresh.has(line));
    assert.equal(gone.length, 1);
    assert.match(gone.join(), /^ {4}gameServer: /);
    const { config } = parse(after) as { config: Record<string, Record<string, string>> };
    assert.equal(config["realmgrid:images"]?.["gameServer"], server);
    assert.equal(config["realmgrid:images"]?.["authService"], auth);
  });

  it("changes nothing the second time", () => {
    const images = new Map([["gameServer", server]]);
    const once = withImages(textOf("Pulumi.dev.yaml"), images);
    assert.equal(withImages(once, images), once);
  });

  it("says so where the file has no place for images", () => {
    assert.throws(() => withImages("config: {}\n", new Map([["gameServer", server]])), /no block "realmgrid:images:"/);
  });
});
