import { describe, expect, it } from "vitest";
import { s3Error } from "../../../electron/storage/s3-error.ts";
import { choosePartBytes } from "../../../electron/storage/s3-upload.ts";

/** As the SDK makes them: the name is S3's code, the rest hangs on the object. */
function sdkError(name: string, status: number | null, more: object = {}): Error {
  return Object.assign(new Error("words of the service"), { name, $metadata: { httpStatusCode: status }, ...more });
}

describe("errors of the AWS SDK", () => {
  it.each([
    ["RequestTimeTooSkewed", 403, {}, "storage.clockSkew"],
    ["AuthorizationHeaderMalformed", 400, { Region: "eu-west-1" }, "storage.wrongRegion"],
    ["PermanentRedirect", 301, {}, "storage.wrongRegion"],
    ["ExpiredToken", 400, {}, "storage.credentials"],
    ["CredentialsProviderError", null, {}, "storage.credentials"],
    ["InvalidObjectState", 403, {}, "storage.archived"],
    ["SlowDown", 503, {}, "storage.busy"],
    ["AccessDenied", 403, {}, "storage.permissionDenied"],
    ["Unknown", 403, {}, "storage.permissionDenied"],
    ["PreconditionFailed", 412, {}, "storage.conflict"],
    ["Error", null, { code: "SELF_SIGNED_CERT_IN_CHAIN" }, "storage.tls"],
    ["Error", null, { code: "EAI_AGAIN" }, "storage.unreachable"],
    ["TimeoutError", null, {}, "storage.unreachable"],
    ["Error", 507, { Code: "QuotaExceeded" }, "storage.full"],
    ["Odd", 418, {}, "storage.failed"],
  ] as const)("%s, HTTP %s", (name, status, more, code) => {
    expect(s3Error(sdkError(name, status, more), "s3://bucket/key").code).toBe(code);
  });

  it("name the right region, and keep nothing of the request", () => {
    const request = { headers: { authorization: "AWS4-HMAC Credential=KEY/… Signature=abc" } };
    const error = s3Error(
      sdkError("AuthorizationHeaderMalformed", 400, { Region: "eu-west-1", $response: request }),
      "x",
    );
    expect(error.hint).toContain("eu-west-1");
    expect(error.cause).toBeUndefined();
    expect(JSON.stringify(error)).not.toContain("Signature");
  });
});

describe("parts of an upload", () => {
  it.each([
    [1, 10_000],
    [1e9, 10_000],
    [1e12, 10_000],
    [5 * 1024 ** 4, 10_000],
    [1e11, 1000],
  ])("of %s bytes are at most %s, and as small as that allows", (size, mostParts) => {
    const part = choosePartBytes(size, mostParts);
    expect(Math.ceil(size / part)).toBeLessThan(mostParts);
    expect(part).toBeGreaterThanOrEqual(16 * 1024 ** 2);
    expect(part).toBeLessThan(Math.max(17 * 1024 ** 2, (size / mostParts) * 1.1));
    expect(part % 1024 ** 2).toBe(0);
  });
});
