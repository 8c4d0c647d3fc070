import { describe, expect, it } from "vitest";
import { createClient } from "../../../renderer/client/client.ts";
import type { Topics } from "../../../shared/contract/topics.ts";
import { AppError, toErrorValue } from "../../../shared/error/app-error.ts";
import { createFakeTransport } from "./fake-transport.ts";

function hear() {
  const heard: string[] = [];
  return {
    heard,
    listener: {
      snapshot: (value: Topics["changes"]["snapshot"]) => void heard.push(`snapshot ${String(value)}`),
      delta: ({ what }: Topics["changes"]["delta"]) => void heard.push(what),
    },
  };
}

describe("a question", () => {
  it("gives its own reply, whichever comes first", async () => {
    const transport = createFakeTransport();
    const client = createClient(transport);
    const first = client.invoke("sample.status", {});
    const second = client.invoke("profiles.list", {});
    const [one, other] = transport.sent;
    transport.receive({ kind: "reply", id: other?.id ?? 0, ok: true, value: [] });
    transport.receive({ kind: "reply", id: one?.id ?? 0, ok: true, value: { state: "absent" } });
    expect(await first).toEqual({ state: "absent" });
    expect(await second).toEqual([]);
  });

  it("rejects with the error as it was raised", async () => {
    const transport = createFakeTransport();
    const asked = createClient(transport).invoke("backups.list", {});
    const error = {
      code: "storage.notFound",
      message: "There is no folder /b.",
      detail: "ENOENT",
      hint: "Look.",
    } as const;
    transport.receive({ kind: "reply", id: transport.last("invoke").id, ok: false, error });
    const thrown: unknown = await asked.catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(AppError);
    expect(toErrorValue(thrown)).toEqual(error);
  });

  it("waits while the connection is on its way, and is sent once", async () => {
    const transport = createFakeTransport("connecting");
    const asked = createClient(transport).invoke("profiles.list", {});
    expect(transport.sent).toEqual([]);
    transport.become("open");
    expect(transport.sent).toHaveLength(1);
    transport.receive({ kind: "reply", id: transport.last("invoke").id, ok: true, value: [] });
    expect(await asked).toEqual([]);
  });

  it("under way when the connection breaks is rejected and never sent again; one not sent yet waits on", async () => {
    const transport = createFakeTransport();
    const client = createClient(transport);
    const underWay = client.invoke("sample.start", {});
    transport.become("lost");
    const waiting = client.invoke("profiles.list", {});
    await expect(underWay).rejects.toMatchObject({ code: "window.disconnected" });
    transport.become("open");
    expect(transport.sent.map((message) => (message.kind === "invoke" ? message.method : message.kind))).toEqual([
      "sample.start",
      "profiles.list",
    ]);
    transport.receive({ kind: "reply", id: transport.last("invoke").id, ok: true, value: [] });
    expect(await waiting).toEqual([]);
  });

  it("is rejected at once when the session is over", async () => {
    const transport = createFakeTransport("connecting");
    const client = createClient(transport);
    const before = client.invoke("profiles.list", {});
    transport.become("closed");
    await expect(before).rejects.toMatchObject({ code: "window.disconnected" });
    await expect(client.invoke("profiles.list", {})).rejects.toMatchObject({ code: "window.disconnected" });
  });
});

describe("a subscription", () => {
  it("hears the snapshot, then each delta in order", () => {
    const transport = createFakeTransport();
    const { heard, listener } = hear();
    createClient(transport).subscribe("changes", listener);
    const { id } = transport.last("subscribe");
    transport.receive({ kind: "snapshot", id, seq: 7, value: null });
    transport.receive({ kind: "delta", id, seq: 8, value: { what: "backups" } });
    transport.receive({ kind: "delta", id, seq: 9, value: { what: "profiles" } });
    expect(heard).toEqual(["snapshot null", "backups", "profiles"]);
  });

  it("is made anew after a gap, and what is late of the old one is not heard", () => {
    const transport = createFakeTransport();
    const { heard, listener } = hear();
    createClient(transport).subscribe("changes", listener);
    const { id } = transport.last("subscribe");
    transport.receive({ kind: "snapshot", id, seq: 1, value: null });
    transport.receive({ kind: "delta", id, seq: 3, value: { what: "backups" } });
    expect(transport.last("unsubscribe")).toEqual({ kind: "unsubscribe", id });
    const anew = transport.last("subscribe").id;
    expect(anew).not.toBe(id);
    transport.receive({ kind: "delta", id, seq: 4, value: { what: "backups" } });
    transport.receive({ kind: "snapshot", id: anew, seq: 1, value: null });
    expect(heard).toEqual(["snapshot null", "snapshot null"]);
  });

  it("takes a fresh snapshot in the middle of the stream, as a slow window gets it", () => {
    const transport = createFakeTransport();
    const { heard, listener } = hear();
    createClient(transport).subscribe("changes", listener);
    const { id } = transport.last("subscribe");
    transport.receive({ kind: "snapshot", id, seq: 1, value: null });
    transport.receive({ kind: "snapshot", id, seq: 9, value: null });
    transport.receive({ kind: "delta", id, seq: 10, value: { what: "sample" } });
    expect(heard).toEqual(["snapshot null", "snapshot null", "sample"]);
  });

  it("goes on over an interruption under a new id", () => {
    const transport = createFakeTransport();
    const { heard, listener } = hear();
    createClient(transport).subscribe("changes", listener);
    const { id } = transport.last("subscribe");
    transport.receive({ kind: "snapshot", id, seq: 1, value: null });
    transport.become("lost");
    transport.become("open");
    const anew = transport.last("subscribe").id;
    expect(anew).not.toBe(id);
    transport.receive({ kind: "snapshot", id: anew, seq: 1, value: null });
    expect(heard).toEqual(["snapshot null", "snapshot null"]);
    expect(transport.sent.filter(({ kind }) => kind === "unsubscribe")).toEqual([]);
  });

  it("ends when it is ended, also after it was made anew", () => {
    const transport = createFakeTransport();
    const { heard, listener } = hear();
    const end = createClient(transport).subscribe("changes", listener);
    transport.become("lost");
    transport.become("open");
    const { id } = transport.last("subscribe");
    end();
    expect(transport.last("unsubscribe")).toEqual({ kind: "unsubscribe", id });
    transport.receive({ kind: "snapshot", id, seq: 1, value: null });
    expect(heard).toEqual([]);
  });
});

it("tells the connection's state, and each change once", () => {
  const transport = createFakeTransport("connecting");
  const { connection } = createClient(transport);
  const states: string[] = [connection.state()];
  connection.subscribe((state) => void states.push(state));
  transport.become("open");
  transport.become("open");
  transport.become("lost");
  expect(states).toEqual(["connecting", "open", "lost"]);
});
