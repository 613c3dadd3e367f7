/**
 * Loaded before a command: keeps compiled modules, since compiling the SDK is a third of a preview's time. The cache
 * belongs to node_modules, so it goes when they go.
 */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url)));
