import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { S3Settings } from "../../shared/storage/settings.ts";

/** An object in GLACIER and what was asked of it. */
export interface ColdObject {
  readonly bytes: Buffer;
  state: "frozen" | "ongoing" | "ready" | "warm";
  asked: { readonly days: number; readonly tier: string } | null;
}

/** A stand-in for a bucket with archive classes, which Ceph's gateway does not have: reads, HEAD and RestoreObject alone. */
export interface ColdBucket {
  readonly endpoint: string;
  readonly objects: ReadonlyMap<string, ColdObject>;
  readonly settings: S3Settings;
  close(): Promise<void>;
}

/** @param files by their key; those named in `warm` can be read as they are */
export async function startColdBucket(
  files: ReadonlyMap<string, Buffer>,
  isWarm: (key: string) => boolean,
): Promise<ColdBucket> {
  const objects = new Map<string, ColdObject>(
    Array.from(files, ([key, bytes]) => [key, { bytes, state: isWarm(key) ? "warm" : "frozen", asked: null }]),
  );
  const until = new Date(Date.now() + 3 * 24 * 60 * 60 * 1000).toUTCString();
  const server = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    const object = objects.get(decodeURIComponent(pathname.replace("/cold/", "")));
    const refuse = (status: number, code: string) =>
      answer.writeHead(status).end(request.method === "HEAD" ? "" : `<Error><Code>${code}</Code></Error>`);
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString("utf8")));
    request.on("end", () => {
      if (object === undefined) return refuse(404, "NoSuchKey");
      if (request.method === "POST" && searchParams.has("restore")) {
        if (object.state === "warm") return refuse(403, "InvalidObjectState");
        if (object.state === "ongoing") return refuse(409, "RestoreAlreadyInProgress");
        object.asked = {
          days: Number(/<Days>(\d+)</.exec(body)?.[1]),
          tier: /<Tier>(\w+)</.exec(body)?.[1] ?? "",
        };
        if (object.state === "frozen") object.state = "ongoing";
        return answer.writeHead(202).end();
      }
      if (request.method === "GET" && object.state !== "ready" && object.state !== "warm")
        return refuse(403, "InvalidObjectState");
      const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
      const part = object.bytes.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
      const isPart = request.headers.range !== undefined;
      answer.writeHead(isPart ? 206 : 200, {
        etag: `"${createHash("md5").update(object.bytes).digest("hex")}"`,
        "content-length": part.length,
        "last-modified": "Sat, 21 Nov 2026 02:00:00 GMT",
        ...(object.state === "warm" ? {} : { "x-amz-storage-class": "GLACIER" }),
        ...(object.state === "ongoing" ? { "x-amz-restore": 'ongoing-request="true"' } : {}),
        ...(object.state === "ready" ? { "x-amz-restore": `ongoing-request="false", expiry-date="${until}"` } : {}),
        ...(isPart
          ? { "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${object.bytes.length}` }
          : {}),
      });
      return answer.end(request.method === "HEAD" ? undefined : part);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  return {
    endpoint,
    objects,
    settings: {
      kind: "s3",
      bucket: "cold",
      prefix: "",
      endpoint,
      region: "us-east-1",
      style: "path",
      caFile: null,
      checksums: "auto",
      mostParts: 10_000,
      credentials: { from: "keychain", accessKeyId: "KEY" },
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
