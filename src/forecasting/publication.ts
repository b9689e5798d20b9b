import { en, joined, type Text } from "../core/text.ts";
import { MODEL_NAMES } from "../forecast/registry.ts";
import type { Manifest } from "../lake/manifest.ts";

/** What distinguishes two forecasts of the same days. */
export interface ForecastPlan {
  horizon: number;
  /** Sorted; null: all of the input. */
  symbols: readonly string[] | null;
  /** Names. */
  models: readonly string[];
}

/** Whether a forecast is published, and in the place of which. */
export interface Publication {
  published: boolean;
  sentence: Text;
}

/**
 * A forecast with another plan than the published one is shown only, unless its caller wants it published.
 * @param before manifest of the published forecast; null: none is published
 */
export function publicationOf(before: Manifest | null, plan: ForecastPlan, publish: boolean): Publication {
  const other = before === null ? null : differences(planOf(before), plan);
  if (other === null) return { published: true, sentence: en`Published.`.vi`Đã công bố.` };
  if (publish) {
    const sentence = en`Published, in the place of a forecast with ${other}.`
      .vi`Đã công bố, thay cho dự báo có ${other}.`;
    return { published: true, sentence };
  }
  const sentence = en`Shown only: the published forecast has ${other}. Add --publish to replace it (in a notebook: publish: true).`
    .vi`Chỉ hiển thị: dự báo đã công bố có ${other}. Thêm --publish để thay nó (trong sổ tay: publish: true).`;
  return { published: false, sentence };
}

function planOf({ parameters }: Manifest): ForecastPlan {
  const { horizon, symbols, models } = parameters as { horizon: number; symbols: unknown; models: string[] };
  return {
    horizon,
    symbols: Array.isArray(symbols) ? symbols.toSorted() : null,
    // A model of one's own has a random mark behind its name.
    models: models.map((name) => name.split(" ")[0]),
  };
}

/** What the former plan has that is different; null if nothing is. */
function differences(before: ForecastPlan, now: ForecastPlan): Text | null {
  const list = (names: readonly string[] | null) => names?.toSorted().join(", ") ?? "all";
  const parts: Text[] = [];
  if (before.horizon !== now.horizon) {
    parts.push(en`a horizon of ${before.horizon} days`.vi`tầm dự báo ${before.horizon} ngày`);
  }
  if (list(before.symbols) !== list(now.symbols)) {
    parts.push(
      before.symbols === null
        ? en`all symbols`.vi`mọi mã`
        : en`the symbols ${list(before.symbols)}`.vi`các mã ${list(before.symbols)}`,
    );
  }
  if (list(before.models) !== list(now.models)) {
    parts.push(
      list(before.models) === list(MODEL_NAMES)
        ? en`all models`.vi`mọi mô hình`
        : en`the models ${list(before.models)}`.vi`các mô hình ${list(before.models)}`,
    );
  }
  return parts.length === 0 ? null : joined(parts, "; ");
}
