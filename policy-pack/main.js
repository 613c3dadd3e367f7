// The SDK's launcher puts ts-node, with a TypeScript of 2020, in front of every .ts file that is loaded with `require`,
// whatever PulumiPolicy.yaml says. An import from a JavaScript module goes past it, to Node's own type stripping.
import "./index.ts";
