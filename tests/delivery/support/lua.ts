/** Programs in Lua that Argo CD runs over objects, in a real Lua. */
import { LuaFactory } from "wasmoon";

/** What a health check says of an object. */
export interface Health {
  status: string;
  message?: string;
}

/** Runs a health check over an object as Argo CD does: the object is the global `obj`, the answer is what it returns. */
export async function healthOf(program: string, object: unknown): Promise<Health> {
  // Without proxies an object becomes a table, and what it does not have is nil, as in Argo CD.
  const lua = await new LuaFactory().createEngine({ enableProxy: false, openStandardLibs: true });
  try {
    lua.global.set("obj", object);
    return (await lua.doString(program)) as Health;
  } finally {
    lua.global.close();
  }
}
