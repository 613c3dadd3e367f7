/** Credentials that give themselves away by their shape, wherever they stand. */

interface Shape {
  /** What it is, for messages. */
  title: string;
  /** A fixed part that the text must hold; cheap to look for in a file of a megabyte. */
  part: string;
  /**
   * Every pattern has a fixed start and bounded or exact lengths, so that no text takes more than linear time. Sources:
   * the issuers' own documentation of their prefixes.
   */
  pattern: RegExp;
}

const shapes: readonly Shape[] = [
  { title: "an access key id of AWS", part: "AKIA", pattern: /(?<![A-Z0-9])AKIA[A-Z0-9]{16}(?![A-Z0-9])/ },
  { title: "a temporary access key id of AWS", part: "ASIA", pattern: /(?<![A-Z0-9])ASIA[A-Z0-9]{16}(?![A-Z0-9])/ },
  {
    title: "a private key",
    part: "PRIVATE KEY",
    // A script that only looks for the first line has no key behind it.
    pattern: /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----[^-]{20}/,
  },
  { title: "a token of GitHub", part: "gh", pattern: /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36}/ },
  { title: "a token of GitHub", part: "github_pat_", pattern: /github_pat_[A-Za-z0-9_]{50}/ },
  { title: "a token of GitLab", part: "glpat-", pattern: /glpat-[A-Za-z0-9_-]{20}/ },
  { title: "a token of Slack", part: "xox", pattern: /xox[abeoprs]-[A-Za-z0-9-]{10}/ },
  {
    title: "a webhook of Slack",
    part: "hooks.slack.com",
    pattern: /hooks\.slack\.com\/services\/T\w{6,20}\/B\w{6,20}\/\w{16}/,
  },
  {
    title: "a webhook of Discord",
    part: "/api/webhooks/",
    pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{15,25}\/[\w-]{40}/,
  },
  { title: "a key of Stripe", part: "_live_", pattern: /(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{16}/ },
  { title: "a key of Stripe", part: "_test_", pattern: /(?<![A-Za-z0-9])[sr]k_test_[A-Za-z0-9]{16}/ },
  { title: "a key of Google", part: "AIza", pattern: /AIza[A-Za-z0-9_-]{35}/ },
  { title: "a token of npm", part: "npm_", pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}/ },
  { title: "a token of Docker", part: "dckr_pat_", pattern: /dckr_pat_[A-Za-z0-9_-]{20}/ },
  { title: "a token of Pulumi", part: "pul-", pattern: /(?<![A-Za-z0-9])pul-[0-9a-f]{40}/ },
  { title: "a token of Vault", part: "hvs.", pattern: /(?<![A-Za-z0-9])hvs\.[A-Za-z0-9_-]{24}/ },
  { title: "a key of SendGrid", part: "SG.", pattern: /(?<![A-Za-z0-9_-])SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16}/ },
  { title: "a key of age", part: "AGE-SECRET-KEY-1", pattern: /AGE-SECRET-KEY-1[0-9A-Z]{50}/ },
  {
    title: "a signed token (JWT)",
    part: "eyJ",
    pattern: /(?<![\w-])eyJ[\w-]{10,4000}\.eyJ[\w-]{10,4000}\.[\w-]{10}/,
  },
  {
    title: "an Authorization header",
    part: "uthorization",
    pattern:
      /[Aa]uthorization["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?:Bearer|Basic|Token)[ \t]{1,8}[A-Za-z0-9][A-Za-z0-9._~+/=-]{7}/,
  },
];

/** Longest part between `://` and `@` that is read. */
const maximumUserInfo = 1024;
const userInfoEnd = /[\s/?#"'`<>\\@]/;
// `postgres://user:password@host` in a manual, and values that something fills in.
const namedForm = /^(?:[$<{%[*]|(?:password|passwd|pass|pwd|secret|token|x+|\*+|redacted)$)/i;

// Each search goes on behind the last one and reads no further than the next slash, so the whole is linear.
function urlWithPassword(text: string): boolean {
  for (let at = text.indexOf("://"); at >= 0; at = text.indexOf("://", at + 3)) {
    if (!/[A-Za-z0-9+.-]/.test(text.charAt(at - 1))) continue;
    const rest = text.slice(at + 3, at + 3 + maximumUserInfo);
    const end = rest.search(userInfoEnd);
    if (end < 0 || rest.charAt(end) !== "@") continue;
    const colon = rest.indexOf(":");
    if (colon < 0 || colon > end) continue;
    const password = rest.slice(colon + 1, end);
    if (password !== "" && !namedForm.test(password)) return true;
  }
  return false;
}

/** What kind of credential the text holds, for messages; undefined when it holds none that can be told. */
export function credentialIn(text: string): string | undefined {
  const found = shapes.find(({ part, pattern }) => text.includes(part) && pattern.test(text));
  if (found !== undefined) return found.title;
  return urlWithPassword(text) ? "a URL with a password" : undefined;
}
