import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { UserError } from "../../tools/errors.ts";
import { writeFile } from "../../tools/offline/write-files.ts";
import { barSvg, htmlTable } from "../../tools/preview/html.ts";
import { previewPage } from "../../tools/preview/page.ts";
import { pictureRows, pictureSvg } from "../../tools/preview/picture.ts";
import type { Preview } from "../../tools/preview/preview.ts";
import { previewOf } from "../support/previews.ts";
import { type Ended, runTool, temporaryFolder } from "../support/programs.ts";

interface Tag {
  name: string;
  attributes: string;
  isEnd: boolean;
}

const voidTags = new Set(["meta", "br"]);

function tags(html: string): Tag[] {
  return [...html.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*(\/?)>/gi)]
    .filter(([, , , , isClosed]) => isClosed !== "/")
    .map(([, slash, name = "", attributes = ""]) => ({ name: name.toLowerCase(), attributes, isEnd: slash === "/" }));
}

/** The first tag that does not close what was opened last; undefined for a page that is well formed. */
function misplaced(html: string): string | undefined {
  const open: string[] = [];
  for (const { name, isEnd } of tags(html).filter((tag) => !voidTags.has(tag.name))) {
    if (!isEnd) open.push(name);
    else if (open.pop() !== name) return name;
  }
  return open.at(-1);
}

describe("the page of a preview", () => {
  let prod: Preview;
  let page = "";

  before(async function () {
    this.timeout(60_000);
    prod = await previewOf("prod");
    page = previewPage(prod);
  });

  it("needs nothing else: no script, no style, picture or font from elsewhere", () => {
    assert.doesNotMatch(page, /<script|<link|<iframe|<img|@import|url\(|https?:|\ssrc=|\son\w+=/i);
    for (const [, target = ""] of page.matchAll(/href="([^"]*)"/g)) assert.match(target, /^#[a-z-]+$/);
    assert.match(page, /http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/);
  });

  it("is well formed, and small enough to be sent around", () => {
    assert.match(page, /^<!doctype html>\n<html lang="en">\n/);
    assert.equal(misplaced(page), undefined);
    assert.ok(Buffer.byteLength(page) < 2_000_000, String(Buffer.byteLength(page)));
  });

  it("is the same bytes whenever it is written", () => {
    assert.equal(previewPage(prod), page);
  });

  it("has one title, headings that skip no level, and links to sections that are there", () => {
    const levels = tags(page)
      .filter(({ name, isEnd }) => /^h\d$/.test(name) && !isEnd)
      .map(({ name }) => Number(name.slice(1)));
    assert.deepEqual(
      levels.filter((level) => level === 1),
      [1],
    );
    levels.reduce((last, level) => {
      assert.ok(level <= last + 1, `h${level} after h${last}`);
      return level;
    }, 0);
    const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    assert.ok(links.length >= 6);
    for (const id of links) assert.match(page, new RegExp(`<h2 id="${id}">`));
  });

  it("says of every table what it is, and of every header what it is of", () => {
    const tables = page.match(/<table>.*?<\/table>/gs) ?? [];
    assert.ok(tables.length >= 12);
    for (const one of tables) assert.match(one, /^<table><caption>[^<]+<\/caption><thead>/);
    for (const { attributes } of tags(page).filter(({ name, isEnd }) => name === "th" && !isEnd)) {
      assert.match(attributes, / scope="(col|row)"/);
    }
  });

  it("tells those who see no pictures what is in them", () => {
    const pictures = page.match(/<svg [^>]*>/g) ?? [];
    assert.ok(pictures.length > 40);
    for (const one of pictures) assert.match(one, /role="img" aria-label(ledby)?="[^"]+"/);
    assert.match(page, /aria-label="requests\.cpu: \S+ of \S+ granted, \d+ %; base 50"/);
    assert.match(page, /The picture as a table/);
  });

  it("is readable by day and by night", () => {
    const [, day = ""] = /:root\{color-scheme:light dark;(.*?)\}/.exec(page) ?? [];
    const [, night = ""] = /@media \(prefers-color-scheme:dark\)\{:root\{(.*?)\}\}/.exec(page) ?? [];
    const colours = (text: string) =>
      new Map([...text.matchAll(/--(\w+):#([0-9a-f]{6});/g)].map(([, k = "", v = ""]) => [k, v]));
    const light = (colour = "") => {
      const parts = [0, 2, 4].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
      const [r = 0, g = 0, b = 0] = parts.map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (const scheme of [colours(day), colours(night)]) {
      for (const text of ["ink", "quiet", "accent", "good", "warn", "bad"]) {
        for (const ground of ["surface", "ground", "soft"]) {
          const [one = 0, other = 0] = [light(scheme.get(text)), light(scheme.get(ground))].sort((a, b) => b - a);
          // Success criterion 1.4.3 of WCAG 2.2, level AA.
          assert.ok((one + 0.05) / (other + 0.05) >= 4.5, `${text} on ${ground}`);
        }
      }
    }
  });

  it("draws every region with its namespaces, and counts every object of a cluster once", () => {
    const svg = pictureSvg(prod.run, prod.plan);
    for (const { name, namespaces } of prod.plan.regions) {
      assert.match(svg, new RegExp(`class="region">${name}<`));
      for (const { namespace } of namespaces) assert.match(svg, new RegExp(`class="title">${namespace}<`));
    }
    const inClusters = prod.run.resources.filter(({ type }) => type.startsWith("kubernetes:")).length;
    const counted = pictureRows(prod.run, prod.plan).rows.reduce((whole, row) => whole + Number(row.at(-1)), 0);
    assert.equal(counted, inClusters);
    const [, height] = /viewBox="0 0 1080 ([\d.]+)"/.exec(svg) ?? [];
    for (const [, y, tall] of svg.matchAll(/ y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)) {
      assert.ok(Number(y) + Number(tall) <= Number(height), "nothing is cut off");
    }
  });

  it("shows quota and pools as bars, with a mark where the quota was computed upward", () => {
    assert.match(barSvg({ needed: 150, whole: 200, mark: 50, label: "a" }), /class="fill" y="2" width="150".*x="49"/);
    assert.doesNotMatch(barSvg({ needed: 1, whole: 2, mark: 2, label: "a" }), /class="mark"/);
    assert.match(barSvg({ needed: 3, whole: 2, label: "a" }), /class="over" y="2" width="200"/);
    assert.match(barSvg({ needed: 0, whole: 0, label: "a" }), /class="fill" y="2" width="0"/);
  });

  it("lets no text become markup", () => {
    const evil = `<script>alert("1")</script>&'`;
    const plan = { ...prod.plan, warnings: [evil] };
    const changes = { revision: evil, commit: evil, objects: [], figures: [], limits: [evil] };
    const text = previewPage({ ...prod, run: { ...prod.run, stack: evil }, plan, changes });
    assert.doesNotMatch(text, /<script/);
    assert.match(text, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39;/);
    assert.equal(misplaced(text), undefined);
  });

  it("cuts a long table and says how many rows it leaves out", () => {
    const rows = Array.from({ length: 700 }, (_, index) => [`row ${index}`]);
    const table = htmlTable({ header: ["name"], rows }, { caption: "a" });
    assert.equal(table.match(/<tr>/g)?.length, 501);
    assert.match(table, /<p class="more">and 200 more<\/p>$/);
  });
});

describe("npm run preview -- --html", () => {
  const temporary = temporaryFolder();
  const file = join(temporary.path, "reports/dev.html");
  const ended: Ended[] = [];

  before(async function () {
    this.timeout(120_000);
    mkdirSync(join(temporary.path, "folder"));
    ended.push(await runTool("preview", ["dev", "--html", file]));
    ended.push(await runTool("preview", ["dev", "--html", join(temporary.path, "folder")]));
    ended.push(await runTool("preview", ["--help"]));
  });

  after(() => temporary.remove());

  it("writes the page and prints only the sums", () => {
    const [{ code, stdout, stderr } = assert.fail()] = ended;
    assert.deepEqual([code, stderr], [0, ""]);
    const [first, ...rest] = stdout.trimEnd().split("\n");
    assert.equal(first, `ok  ${file}: written`);
    assert.equal(rest.length, 2);
    assert.match(readFileSync(file, "utf8"), /^<!doctype html>.*<\/html>\n$/s);
  });

  it("refuses a folder in the place of a file, and ends with 1", () => {
    const [, { code, stdout, stderr } = assert.fail()] = ended;
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /folder is a folder: nothing was written\.\n$/);
  });

  it("explains every option with --help", () => {
    const [, , { code, stdout } = assert.fail()] = ended;
    assert.equal(code, 0);
    for (const option of ["json", "markdown", "engine", "html", "against"]) {
      assert.match(stdout, new RegExp(`^ {2}--${option} `, "m"));
    }
    assert.match(stdout, /Exit codes: 0 /);
  });
});

describe("one file", () => {
  it("takes the place of an older one as a whole, and leaves nothing beside it", () => {
    const temporary = temporaryFolder();
    try {
      const file = join(temporary.path, "new/page.html");
      writeFile(file, "one");
      writeFile(file, "two");
      assert.equal(readFileSync(file, "utf8"), "two");
      assert.deepEqual(readdirSync(join(temporary.path, "new")), ["page.html"]);
      writeFileSync(join(temporary.path, "plain"), "");
      assert.throws(() => writeFile(join(temporary.path, "new"), "x"), UserError);
      assert.equal(existsSync(join(temporary.path, "new/page.html")), true);
    } finally {
      temporary.remove();
    }
  });
});
