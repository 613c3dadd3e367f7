/** Ranges of addresses, against Node's own block list. */
import assert from "node:assert/strict";
import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { covers, isInternet, overlap, parseRange, type Range } from "../../../policy-pack/rules/network/addresses.ts";

function range(text: string): Range {
  const found = parseRange(text);
  assert.ok(found !== undefined, `${text} is a range`);
  return found;
}

const cidrV4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => `${address}/${prefix}`);
const cidrV6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, prefix]) => `${address}/${prefix}`);

describe("ranges of addresses", () => {
  it("hold the addresses that Node's block list says", () => {
    for (const [cidrs, addresses, family] of [
      [cidrV4, fc.ipV4(), "ipv4"],
      [cidrV6, fc.ipV6(), "ipv6"],
    ] as const) {
      fc.assert(
        fc.property(cidrs, addresses, (cidr, address) => {
          const [network = "", prefix = ""] = cidr.split("/");
          const list = new BlockList();
          list.addSubnet(network, Number(prefix), family);
          assert.equal(covers([range(cidr)], range(address)), list.check(address, family));
        }),
      );
    }
  });

  it("are read exactly where Node reads an address", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: fc.constantFrom(..."0123456789abcdef:./") })),
        (text) => {
          if (text.includes("/")) return;
          // Kubernetes reads a leading zero as decimal (ParseIPSloppy), Node refuses it.
          if (/(^|\.)0\d/.test(text)) return;
          assert.equal(parseRange(text) !== undefined, isIP(text) !== 0, text);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  for (const text of [
    "",
    "/",
    "1.2.3.4/33",
    "1.2.3.4/-1",
    "1.2.3.4/8/8",
    "1.2.3/8",
    "::/129",
    "a",
    "1::2::3/8",
    ":/0",
  ]) {
    it(`"${text}" is none`, () => assert.equal(parseRange(text), undefined));
  }

  it("a very long text is none", () => assert.equal(parseRange("1".repeat(1_000_000)), undefined));

  it("start where the prefix says, whatever address is written", () => {
    assert.deepEqual(range("10.1.2.3/8"), range("10.0.0.0/8"));
    assert.deepEqual(range("::ffff:1.2.3.4"), range("::ffff:102:304"));
  });

  it("cover a range together, in any order, but not with a hole", () => {
    const [low, high, whole] = [range("10.0.0.0/9"), range("10.128.0.0/9"), range("10.0.0.0/8")];
    assert.equal(covers([high, low], whole), true);
    assert.equal(covers([low], whole), false);
    assert.equal(covers([high], whole), false);
    assert.equal(covers([range("::/0")], whole), false);
    assert.equal(covers([range("10.0.0.0/8"), range("10.1.0.0/16")], range("10.2.0.0/16")), true);
  });

  it("share the smaller of two, or nothing", () => {
    assert.deepEqual(overlap(range("0.0.0.0/0"), range("10.0.0.0/8")), range("10.0.0.0/8"));
    assert.deepEqual(overlap(range("10.0.0.0/8"), range("0.0.0.0/0")), range("10.0.0.0/8"));
    assert.equal(overlap(range("11.0.0.0/8"), range("10.0.0.0/8")), undefined);
    assert.equal(overlap(range("::/0"), range("10.0.0.0/8")), undefined);
  });

  it("are the internet where nobody owns them alone", () => {
    for (const text of ["0.0.0.0/0", "128.0.0.0/1", "::/0", "2000::/3"])
      assert.equal(isInternet(range(text)), true, text);
    for (const text of ["10.0.0.0/8", "2001:db8::/32"]) assert.equal(isInternet(range(text)), false, text);
  });
});
