/** Ranges of IP addresses. */

/** A range of one family of addresses, both ends included. */
export interface Range {
  /** 4 or 6. */
  family: 4 | 6;
  first: bigint;
  last: bigint;
  /** Number of leading bits that all its addresses share. */
  prefix: number;
}

// The longest IPv6 address with an IPv4 tail and a prefix has 49 characters.
const longest = 49;

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
}

// "a:b" -> [a, b]; an IPv4 tail counts as two groups; undefined for what is none.
function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const found: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 && part.includes(".") ? parseV4(part) : undefined;
    if (v4 !== undefined) found.push(Number(v4 >> 16n), Number(v4 & 0xffffn));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) found.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return found;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before, after] = [groups(halves[0] ?? ""), groups(halves[1] ?? "")];
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...before, ...Array<number>(missing).fill(0), ...after].reduce(
    (sum, part) => (sum << 16n) + BigInt(part),
    0n,
  );
}

/** A range in CIDR notation, or a single address; undefined for what is none. */
export function parseRange(text: string): Range | undefined {
  if (text.length > longest) return undefined;
  const [address = "", length, more] = text.split("/");
  if (more !== undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const family = address.includes(":") ? 6 : 4;
  const value = family === 6 ? parseV6(address) : parseV4(address);
  const bits = family === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : Number(length);
  if (value === undefined || prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const first = value - (value % size);
  return { family, first, last: first + size - 1n, prefix };
}

/** The ranges cover all of that range together. */
export function covers(ranges: readonly Range[], wanted: Range): boolean {
  const own = ranges
    .filter((one) => one.family === wanted.family)
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  let next = wanted.first;
  for (const { first, last } of own) {
    if (first > next) return false;
    if (last >= next) next = last + 1n;
    if (next > wanted.last) return true;
  }
  return next > wanted.last;
}

/** The parts of two ranges that they share; undefined where they share none. */
export function overlap(a: Range, b: Range): Range | undefined {
  if (a.family !== b.family || a.last < b.first || b.last < a.first) return undefined;
  // Ranges in CIDR notation lie within each other or apart.
  return a.prefix >= b.prefix ? a : b;
}

// The longest prefix that no single owner has: IANA gave out nothing larger than a /8 of IPv4, and of IPv6 nothing
// larger than a /12 to a registry.
const widest = { 4: 8, 6: 12 } as const;

/** The range is more than anyone owns: the internet, or one of the halves into which people split it. */
export function isInternet({ family, prefix }: Range): boolean {
  return prefix < widest[family];
}
