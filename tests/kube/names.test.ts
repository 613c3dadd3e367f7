import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
  gameServerName,
  isName,
  maximumCronJobNameLength,
  maximumStatefulSetNameLength,
  name,
} from "../../components/kube/names.ts";

describe("names", () => {
  it("join their parts with dashes", () => {
    assert.equal(name(["game-world-servers", "g", 3]), "game-world-servers-g-3");
    assert.equal(gameServerName("eu-west"), "game-server-eu-west");
  });

  it("take 63 characters and refuse one more, with the parts that could be shorter", () => {
    assert.equal(name(["a".repeat(60), "bc"]).length, 63);
    assert.throws(() => name(["a".repeat(60), "bcd"]), {
      name: "RangeError",
      message: /is 64 characters, want at most 63: shorten one of a+, bcd$/,
    });
  });

  for (const [what, limit] of [
    ["a StatefulSet, whose pods carry its name and a hash in a label", maximumStatefulSetNameLength],
    ["a CronJob, whose jobs carry its name and a time", maximumCronJobNameLength],
  ] as const) {
    it(`take 52 characters for ${what}, and refuse one more`, () => {
      assert.equal(name(["a".repeat(52)], limit).length, 52);
      assert.throws(() => name(["a".repeat(53)], limit), /want at most 52/);
    });
  }

  it("are never cut: what is accepted is the parts as they are", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,30}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const whole = parts.join("-");
        if (whole.length <= 63) assert.equal(name(parts), whole);
        else assert.throws(() => name(parts), RangeError);
      }),
    );
  });

  for (const text of ["", "Game", "game_server", "-game", "game-", "game.server", "gäme"]) {
    it(`refuse "${text}"`, () => {
      assert.equal(isName(text), false);
      assert.throws(() => name([text]), /no DNS label/);
    });
  }

  it("are names exactly when an API server takes them as a DNS label", () => {
    assert.deepEqual(["a", "0", "a-0", "a".repeat(63)].map(isName), [true, true, true, true]);
    assert.equal(isName("a".repeat(64)), false);
  });
});
