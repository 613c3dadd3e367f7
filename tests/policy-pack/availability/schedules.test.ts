/** Schedules and sleeps, read from text that people write. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Field } from "../../../policy-pack/kube/tree.ts";
import { scheduleMistake } from "../../../policy-pack/rules/availability/schedule.ts";
import { sleepsFor } from "../../../policy-pack/rules/availability/sleeps.ts";

const good = [
  "* * * * *",
  "0 0 1 1 0",
  "59 23 31 12 6",
  "*/5 * * * *",
  "0-30/10 * * * *",
  "5/15 * * * *",
  "1,2,3 1-3,5 * jan,FEB-apr mon-fri",
  "0 0 ? * ?",
  "  0  0 * * *  ",
  "@hourly",
  "@every 90s",
  "@every 1h30m10s",
];

const bad = [
  "",
  "   ",
  "* * * *",
  "* * * * * *",
  "-1 * * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * 32 * *",
  "* * * 0 *",
  "* * * 13 *",
  "* * * * 7",
  "*/0 * * * *",
  "*/5/2 * * * *",
  "1-2-3 * * * *",
  "*-5 * * * *",
  "5- * * * *",
  "a * * * *",
  "1,,2 * * * *",
  "mon * * * *",
  "* * * * monday",
  "@reboot",
  "@every",
  "@every soon",
  "TZ=UTC * * * * *",
  "0 0 31 2,4,6,9,11 *",
  `${"0,".repeat(300)}0 * * * *`,
];

describe("schedules", () => {
  for (const schedule of good) {
    it(`takes "${schedule}"`, () => {
      assert.equal(scheduleMistake(schedule), undefined);
    });
  }
  for (const schedule of bad) {
    it(`refuses "${schedule.slice(0, 40)}"`, () => {
      assert.notEqual(scheduleMistake(schedule), undefined);
    });
  }

  it("of any numbers within their ranges are taken, and of one beyond them refused", () => {
    const units: [number, number][] = [
      [0, 59],
      [0, 23],
      [1, 28],
      [1, 12],
      [0, 6],
    ];
    fc.assert(
      fc.property(fc.tuple(...units.map(([min, max]) => fc.integer({ min, max }))), fc.nat(4), (numbers, place) => {
        assert.equal(scheduleMistake(numbers.join(" ")), undefined);
        const beyond = numbers.map((number, index) => (index === place ? 60 : number));
        assert.notEqual(scheduleMistake(beyond.join(" ")), undefined);
      }),
    );
  });

  it("take the last day of each month, and no day beyond it", () => {
    const lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (const [index, length] of lengths.entries()) {
      assert.equal(scheduleMistake(`0 0 ${length} ${index + 1} *`), undefined);
      assert.notEqual(scheduleMistake(`0 0 ${length + 1} ${index + 1} *`), undefined);
    }
    assert.equal(scheduleMistake("0 0 30 1,2 *"), undefined);
    assert.equal(scheduleMistake("0 0 1,30 2 *"), undefined);
    assert.equal(scheduleMistake("0 0 30 2 1,*"), scheduleMistake("0 0 30 2 *"));
  });

  it("of any text are read without a throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9*,/?@ a-z-]{0,40}$/)), (text) => {
        scheduleMistake(text);
      }),
    );
  });
});

const sleeps: [command: unknown, seconds: number | undefined][] = [
  [["sleep", "15"], 15],
  [["/bin/sleep", "0.5"], 0.5],
  [["/usr/bin/sleep", "2m"], 120],
  [["sleep", "1h"], 3600],
  [["sleep", "soon"], undefined],
  [["sleep", "1", "2"], undefined],
  [["sleep"], undefined],
  [["sh", "-c", "sleep 5"], 5],
  [["/bin/bash", "-c", "sleep 5; sleep 6"], 11],
  [["ash", "-c", "sleep 5 && nginx -s quit"], 5],
  [["sh", "-c", "nginx -s quit; sleep 5"], 5],
  [["sh", "-c", "nginx -s quit && sleep 5"], undefined],
  [["sh", "-c", "sleep 1\nsleep 2"], 3],
  [["sh", "-c", "sleep 5 || true"], undefined],
  [["sh", "-c", "sleep 5 &"], undefined],
  [["sh", "-c", "sleep $SECONDS"], undefined],
  [["sh", "-c", "exit 0; sleep 60"], undefined],
  [["sh", "-c", "if busy; then sleep 60; fi"], undefined],
  [["sh", "-c", "timeout 5 sleep 60"], undefined],
  [["sh", "-c", "# sleep 60"], undefined],
  [["sh", "-c", "echo 'sleep 60'"], undefined],
  [["sh", "-ec", "sleep 60"], undefined],
  [["sh"], undefined],
  [["python", "-c", "sleep 60"], undefined],
  [[], undefined],
  ["sleep 5", undefined],
  [undefined, undefined],
];

describe("sleeps of a command", () => {
  for (const [command, seconds] of sleeps) {
    it(`${JSON.stringify(command)}: ${seconds ?? "not certain"}`, () => {
      assert.equal(sleepsFor(new Field(command as string[])), seconds);
    });
  }

  it("of a very long script are not read", () => {
    assert.equal(sleepsFor(new Field(["sh", "-c", "sleep 5;".repeat(10_000)])), undefined);
  });
});
