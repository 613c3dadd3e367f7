/** References of images are read as container runtimes read them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { fullName, type ImageReference, parseImage } from "../../../policy-pack/kube/images.ts";

const sha = `sha256:${"ab".repeat(32)}`;

// Values of distribution's own tests (reference_test.go, normalize_test.go) and the traps that naive splitting falls into.
const readable: Record<string, ImageReference> = {
  nginx: { registry: "docker.io", repository: "library/nginx" },
  "nginx:1.27": { registry: "docker.io", repository: "library/nginx", tag: "1.27" },
  "acme/app": { registry: "docker.io", repository: "acme/app" },
  "docker.io/nginx": { registry: "docker.io", repository: "library/nginx" },
  "index.docker.io/nginx": { registry: "docker.io", repository: "library/nginx" },
  "registry:5000/app": { registry: "registry:5000", repository: "app" },
  "registry:5000/app:5000": { registry: "registry:5000", repository: "app", tag: "5000" },
  "registry:5000": { registry: "docker.io", repository: "library/registry", tag: "5000" },
  "localhost/app": { registry: "localhost", repository: "app" },
  "LOCAL/app": { registry: "local", repository: "app" },
  "a.b/c/d/e:f": { registry: "a.b", repository: "c/d/e", tag: "f" },
  [`app@${sha}`]: { registry: "docker.io", repository: "library/app", digest: sha },
  [`r:1/app:2@${sha}`]: { registry: "r:1", repository: "app", tag: "2", digest: sha },
  "[2001:db8::1]:5000/app": { registry: "[2001:db8::1]:5000", repository: "app" },
  "app:A_b.c-d": { registry: "docker.io", repository: "library/app", tag: "A_b.c-d" },
  [`app:${"t".repeat(128)}`]: { registry: "docker.io", repository: "library/app", tag: "t".repeat(128) },
};

const unreadable = [
  "",
  " ",
  ":1.0",
  "@sha256:",
  "app:",
  "app@",
  "app@sha256:abc",
  `app@sha256:${"AB".repeat(32)}`,
  `app@sha256:${"ab".repeat(33)}`,
  "ab".repeat(32),
  "App",
  "acme/App:1.0",
  "a//b",
  "/a",
  "a/",
  "-a",
  "a_",
  "a___b",
  "a..b/c_",
  "http://a/b",
  "app:1.0 ",
  "app:.1",
  `app:${"t".repeat(129)}`,
  `${"a".repeat(256)}`,
  "a b/c",
  "a.b:port/c",
];

describe("references of images", () => {
  for (const [text, wanted] of Object.entries(readable)) {
    it(`reads ${text.slice(0, 60)}`, () => {
      assert.deepEqual(parseImage(text), wanted);
    });
  }

  for (const text of unreadable) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.equal(parseImage(text), undefined);
    });
  }

  it("reads what it writes", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const tag = fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/), { nil: undefined });
    const reference = fc.record({
      registry: fc.constantFrom("docker.io", "ghcr.io", "registry:5000", "localhost"),
      path: fc.array(part, { minLength: 2, maxLength: 4 }),
      tag,
      digest: fc.option(fc.constant(sha), { nil: undefined }),
    });
    fc.assert(
      fc.property(reference, ({ registry, path, tag: own, digest }) => {
        const name = `${registry}/${path.join("/")}`;
        const read = parseImage(
          `${name}${own === undefined ? "" : `:${own}`}${digest === undefined ? "" : `@${digest}`}`,
        );
        assert.ok(read !== undefined);
        assert.equal(fullName(read), name);
        assert.deepEqual([read.tag, read.digest], [own, digest]);
      }),
    );
  });

  it("never throws, and takes no longer for texts of a megabyte", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => parseImage(text) === undefined || text.length > 0));
    for (const piece of ["a", "a/", "a-", ":", "@", "a.", "-", "_"]) parseImage(piece.repeat(1_000_000 / piece.length));
  });
});
