import { bandEnds } from "../forecast/forecaster.ts";
import type { Remade } from "../forecasting/remake.ts";
import { textTable } from "./table.ts";

/** Forecasts that were made again, for programs. */
export function remadeJson(remade: readonly Remade[]): object {
  return {
    equal: remade.filter(({ equal }) => equal).length,
    entries: remade.map(
      ({ entry: { id, dataHash, published }, version, equal, difference, refused, steps }) => ({
        ...{ id, dataHash, published, input: version, equal },
        difference: refused === null ? difference : null,
        refused: refused && { code: refused.code, message: refused.message, next: refused.next },
        steps: steps.map(({ ds, yhat, quantiles }) => ({ ds, yhat, quantiles: [...quantiles] })),
      }),
    ),
  };
}

/** The same for people: one forecast with its days, or a line for each of several. */
export function remadeText(remade: readonly Remade[]): string {
  const [{ entry, steps }] = remade;
  const equal = remade.filter((one) => one.equal).length;
  const lines = remade
    .filter((one) => !one.equal || remade.length === 1)
    .map((one) => `${one.entry.id}: ${resultOf(one)}`);
  if (remade.length > 1)
    return [...lines, `${equal} of ${remade.length} forecasts are equal, bit for bit.`].join("\n");
  const rows = steps.map(({ ds, yhat, quantiles }) => {
    const { lo80, hi80, lo95, hi95 } = bandEnds(quantiles);
    return {
      day: ds,
      forecast: yhat,
      "95 % from": lo95,
      "80 % from": lo80,
      "80 % to": hi80,
      "95 % to": hi95,
    };
  });
  return [...lines, `published ${entry.published}`, textTable(rows)].join("\n");
}

function resultOf({ equal, difference, refused }: Remade): string {
  if (refused !== null) return `${refused.message} ${refused.next}`;
  return equal ? "equal, bit for bit" : `differs by up to ${difference.toExponential(1)} of a value`;
}
