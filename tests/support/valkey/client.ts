/** A small client of the Redis protocol, since the tests must follow redirects to names that only they can resolve. */
import { createConnection } from "node:net";

/** A reply as the protocol has it; an error is thrown as `ReplyError`. */
export type Reply = string | number | null | Reply[];

/** An error that the server answered, for example `MOVED 5 redis-cluster-1:6379`. */
export class ReplyError extends Error {}

/** Where and as whom to call. */
export interface Login {
  address: string;
  port: number;
  user: string;
  password: string;
}

/** Sends one command on a connection of its own and waits for the reply. */
export async function call(login: Login, ...words: string[]): Promise<Reply> {
  const replies = await converse(login, [["AUTH", login.user, login.password], words]);
  return replies.at(-1) ?? null;
}

/** Sends a command that asks for a slot which is being moved to this node. */
export async function callAsking(login: Login, ...words: string[]): Promise<Reply> {
  const replies = await converse(login, [["AUTH", login.user, login.password], ["ASKING"], words]);
  return replies.at(-1) ?? null;
}

function converse({ address, port }: Login, commands: string[][]): Promise<Reply[]> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: address, port });
    let received = Buffer.alloc(0);
    const end = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(10_000, () => end(() => reject(new Error(`${address} does not answer`))));
    socket.once("error", (error) => end(() => reject(error)));
    socket.once("close", () => reject(new Error(`${address} closed the connection`)));
    socket.once("connect", () => socket.write(commands.map(encode).join("")));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const reader = { text: received, at: 0 };
        const replies: Reply[] = [];
        for (const _ of commands) {
          const reply = read(reader);
          if (reply === undefined) return;
          replies.push(reply);
        }
        end(() => resolve(replies));
      } catch (error) {
        end(() => reject(error));
      }
    });
  });
}

function encode(words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}

/** The next reply; undefined while it is not complete. */
function read(reader: { text: Buffer; at: number }): Reply | undefined {
  const end = reader.text.indexOf("\r\n", reader.at);
  if (end === -1) return undefined;
  const kind = String.fromCharCode(reader.text[reader.at] ?? 0);
  const line = reader.text.toString("utf8", reader.at + 1, end);
  reader.at = end + 2;
  if (kind === "+") return line;
  if (kind === ":") return Number(line);
  if (kind === "-") throw new ReplyError(line);
  const length = Number(line);
  if (length === -1) return null;
  if (kind === "$") {
    if (reader.text.length < reader.at + length + 2) return undefined;
    const text = reader.text.toString("utf8", reader.at, reader.at + length);
    reader.at += length + 2;
    return text;
  }
  if (kind !== "*") throw new Error(`unknown reply ${kind}${line}`);
  const items: Reply[] = [];
  while (items.length < length) {
    const item = read(reader);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
