import { describe, expect, it } from "vitest";
import { isEnded, jobStates, moveTo } from "../../../shared/job/transitions.ts";

describe("job transitions", () => {
  it("lets a job go the ways of the table", () => {
    expect(moveTo("queued", "running")).toBe("running");
    expect(moveTo("running", "finishedWithErrors")).toBe("finishedWithErrors");
    expect(moveTo("cancelling", "cancelled")).toBe("cancelled");
    expect(moveTo("cancelling", "succeeded")).toBe("succeeded");
  });

  it("refuses to leave an ended state, whichever", () => {
    const ended = jobStates.filter(isEnded);
    expect(ended).toEqual(["succeeded", "finishedWithErrors", "failed", "cancelled", "interrupted"]);
    for (const from of ended) for (const to of jobStates) expect(() => moveTo(from, to)).toThrow(/cannot go from/);
  });

  it("refuses to skip running", () => {
    expect(() => moveTo("queued", "succeeded")).toThrow("a job cannot go from queued to succeeded");
  });
});
