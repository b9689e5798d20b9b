import { expect, it } from "vitest";
import { counted } from "./numbers.ts";

it("groups digits, and has the noun in the number's form", () => {
  const counts = [0, 1, 2, 999, 1_000, 1_234_567].map((value) => counted(value, "row"));
  expect(counts).toEqual(["0 rows", "1 row", "2 rows", "999 rows", "1,000 rows", "1,234,567 rows"]);
});
