import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { isCron, longestGapSeconds } from "../../components/kube/cron.ts";

const hour = 3600;
const day = 24 * hour;

describe("a cron schedule", () => {
  for (const schedule of ["0 0 * * *", "*/15 8-18/2 1,15 JAN-mar sun", "59 23 31 12 6", "5/10 * * * 1-5"]) {
    it(`may be ${schedule}`, () => assert.ok(isCron(schedule)));
  }

  for (const schedule of [
    "99 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 7",
    "5-1 * * * *",
    "*/0 * * * *",
    "*/15/2 * * * *",
    "1-2-3 * * * *",
    "* * * *",
    "* * * * * *",
    "*  * * * *",
    "@daily",
    "1, * * * *",
    "-1 * * * *",
    "* * * foo *",
    "",
  ]) {
    it(`may not be "${schedule}", which the API server refuses or which is written in one way only`, () => {
      assert.ok(!isCron(schedule));
      assert.throws(() => longestGapSeconds(schedule), RangeError);
    });
  }

  for (const [schedule, gap] of [
    ["* * * * *", 60],
    ["15 * * * *", hour],
    ["*/25 * * * *", 25 * 60],
    ["10 3,9,15,21 * * *", 6 * hour],
    ["0 1,2 * * *", 23 * hour],
    ["0 4 * * *", day],
    ["0 4 * * mon-fri", 3 * day],
    ["0 0 1 * *", 31 * day],
    // Either of the two is enough: the first of the month, and every Monday.
    ["0 0 1 * 1", 7 * day],
    ["0 0 1 1 *", 366 * day],
    ["0 0 29 2 *", Number.POSITIVE_INFINITY],
    ["0 0 31 2 *", Number.POSITIVE_INFINITY],
  ] as const) {
    it(`leaves up to ${gap / hour} h between two runs of ${schedule}`, () => {
      assert.equal(longestGapSeconds(schedule), gap);
    });
  }
});
