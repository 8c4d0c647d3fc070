import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";

/**
 * What a person would put together to upload a stream, as `aws s3 cp - s3://bucket/key` does it: the SDK's client over
 * standard input, 16 MiB a part, four at a time, and nothing besides.
 *
 *     pg_dump … | age … | node test/bench/put-stdin.mjs BUCKET KEY
 */
const [Bucket, Key] = process.argv.slice(2);
const partBytes = 16 * 1024 * 1024;
const atOnce = 4;
const client = new S3Client({
  forcePathStyle: true,
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
});
const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
const parts = [];
const sending = new Set();

async function send(pieces) {
  const PartNumber = parts.push(null);
  const request = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: Buffer.concat(pieces) });
  const sent = (async () => {
    const { ETag } = await client.send(request);
    parts[PartNumber - 1] = { PartNumber, ETag };
    sending.delete(sent);
  })();
  sending.add(sent);
  if (sending.size >= atOnce) await Promise.race(sending);
}

let pieces = [];
let filled = 0;
for await (const piece of process.stdin) {
  pieces.push(piece);
  filled += piece.length;
  if (filled < partBytes) continue;
  const whole = Buffer.concat(pieces);
  await send([whole.subarray(0, partBytes)]);
  pieces = [whole.subarray(partBytes)];
  filled -= partBytes;
}
await send(pieces);
await Promise.all(sending);
await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }));
