import { type Market, marketOf, normalizeSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { findAmounts } from "./amounts.ts";
import { numberOf } from "./cells.ts";
import { bareName } from "./columnName.ts";
import type { Evidence } from "./evidence.ts";
import type { AmountPlaces, FileForm } from "./form.ts";
import type { KnownOfText } from "./known.ts";
import type { Layout } from "./layout.ts";
import type { PricedRow } from "./neighbours.ts";
import { breaksOrder } from "./priceOrder.ts";
import { chooseVolume, type VolumeQuestion } from "./volume.ts";
import { readVolumes, type VolumeColumn } from "./volumeName.ts";

/** What the volume of each market is chosen from, and the column of quote volume that proves it. */
export interface VolumeChoice extends Pick<VolumeQuestion, "places" | "by"> {
  columns(market: Market | null): readonly VolumeColumn[];
  quote: number | null;
}

/**
 * The column of volume: each kind of market that a column of pairs names has to have it there.
 * @throws CandlebookError `ambiguous_volume`, `volume_conflict`, `contract_volume`
 */
export function findVolume(
  known: KnownOfText,
  layout: Layout,
  priced: readonly PricedRow[],
  { market, decimal }: { market: Market | null; decimal: FileForm["decimal"] },
): { place: number; amounts: AmountPlaces; evidence: Evidence[]; question: VolumeChoice } {
  const { places, fields, names, by } = layout;
  const columnsOf = (own: Market | null) => (by === "the header" ? readVolumes(names, own) : layout.volumes);
  const question = {
    where: known.where,
    by,
    places: [...Array(fields).keys()].filter((place) => !Object.values(places).includes(place)),
    stated: known.stated.volume === undefined ? null : statedVolume(known, layout),
    number: (cell: string) => numberOf(cell, decimal),
  };
  const rows = known.fetched ? [] : priced.filter((row) => !breaksOrder(row));
  const bySymbol = Map.groupBy(rows, ({ cells }) =>
    places.symbol === undefined || known.symbol !== null ? null : normalizeSymbol(cells[places.symbol] ?? ""),
  );
  const series = [...bySymbol].map(([symbol, rows]) => {
    const own = symbol === null ? market : marketOf(symbol);
    return { market: own, columns: columnsOf(own), rows };
  });
  const kinds = Map.groupBy(series, ({ market: own, columns }) =>
    JSON.stringify([own?.kind, own?.quote === "USD", columns]),
  );
  const byKind = [...kinds.values()].map((all) => ({ ...all[0], rows: all.flatMap(({ rows }) => rows) }));
  const found = (byKind.length > 0 ? byKind : [{ market, columns: columnsOf(market), rows: [] }]).map((own) =>
    chooseVolume({ ...question, ...own }),
  );
  const [first, ...others] = found;
  const other = others.find(({ place }) => place !== first.place);
  if (other === undefined) {
    const { place, quote } = first;
    const own = { columns: columnsOf, places: question.places, by, quote };
    const amounts = findAmounts({
      volume: place,
      proven: found.every((one) => one.quote === quote) ? quote : null,
      columns: series[0]?.columns ?? columnsOf(market),
      takers: layout.takers,
      isSpot: series.every((one) => one.market === null || one.market.kind === "spot"),
      rows,
      number: question.number,
    });
    const evidence = [...found.map((one) => one.evidence), ...amounts.evidence];
    return { place, amounts: amounts.places, evidence, question: own };
  }
  throw inputError(
    "volume_conflict",
    `${known.where}: the volume of some rows is in ${first.evidence.answer} (${first.evidence.by}), of others in ${other.evidence.answer} (${other.evidence.by}).`,
    "Give each kind of market a file of its own.",
  );
}

function statedVolume({ where, stated }: KnownOfText, layout: Layout): number {
  const text = stated.volume as string;
  const byName = layout.names.findIndex((name) => name === text || bareName(name) === bareName(text));
  const place = byName >= 0 ? byName : /^\d+$/.test(text) ? Number(text) - 1 : -1;
  const other = Object.entries(layout.places).find(([, taken]) => taken === place)?.[0];
  if (place >= 0 && place < layout.fields && other === undefined) return place;
  throw inputError(
    "bad_option",
    `${where}: --volume is "${text}"${other === undefined ? "" : `, which is the ${other}`}; the file has ${layout.names.length > 0 ? `the columns ${layout.names.join(", ")}` : `${layout.fields} columns`}.`,
    "Name one of them, or give its number counted from 1.",
  );
}
