import { describe, expect, it } from "vitest";
import { FALLING, ORIGIN_COLOURS, PALETTE, PAPER, RISING } from "./theme.ts";

/** What people with no red, no green or no blue cones see, in linear RGB: Machado, Oliveira, Fernandes (2009). */
const EYES = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

function labOf(colour: string, eye: readonly number[]): number[] {
  const linear = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const times = (matrix: readonly number[], v: readonly number[]) =>
    [0, 3, 6].map((row) => matrix[row] * v[0] + matrix[row + 1] * v[1] + matrix[row + 2] * v[2]);
  const seen = times(eye, linear).map((part) => Math.min(1, Math.max(0, part)));
  const xyz = times([0.4124, 0.3576, 0.1805, 0.2126, 0.7152, 0.0722, 0.0193, 0.1192, 0.9505], seen);
  const [x, y, z] = xyz.map((part, i) => {
    const share = part / [0.9505, 1, 1.089][i];
    return share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** The distance of CIE 1976: from 2.3 on two colours beside one another are told apart; four times that is asked for. */
const FAR = 9.2;
function distance(a: string, b: string, eye: readonly number[]): number {
  return Math.hypot(...labOf(a, eye).map((part, i) => part - labOf(b, eye)[i]));
}

describe("colours that mean something", () => {
  const origins = Object.values(ORIGIN_COLOURS);
  const pairs = [[RISING, FALLING], ...origins.flatMap((a, i) => origins.slice(i + 1).map((b) => [a, b]))];
  it.each(Object.keys(EYES) as (keyof typeof EYES)[])("are far apart for every eye: %s", (eye) => {
    for (const [a, b] of pairs)
      expect({ a, b, far: distance(a, b, EYES[eye]) > FAR }).toMatchObject({ far: true });
    for (const colour of Object.values(PALETTE))
      expect(distance(colour, PAPER, EYES[eye])).toBeGreaterThan(FAR);
  });
});
