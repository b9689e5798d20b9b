import type { Text } from "./text.ts";

/** Names of the layers, and of the origins of daily rows (`Origin` of `candle`). */
export const ORIGIN_TEXTS = {
  batch: { en: "batch", vi: "theo lô" },
  backfill: { en: "backfill", vi: "tải bù" },
  speed: { en: "speed", vi: "tốc độ" },
  filled: { en: "filled", vi: "lấp đầy" },
} satisfies Record<string, Text>;
