import { DataType, type Field, type Schema, tableFromIPC, type Vector } from "apache-arrow";

type Convert = (cell: unknown) => unknown;

/**
 * Rows of an Arrow batch as objects: whole numbers as numbers if they fit, else bigint; decimals as text; days as
 * `YYYY-MM-DD`; instants in milliseconds since 1970 UTC; lists as arrays.
 */
export function rowsOf<Row>(batch: Uint8Array): Row[] {
  const table = tableFromIPC(batch);
  const fields = (table.schema as Schema).fields;
  const columns = fields.map((field, i) => ({
    name: field.name,
    vector: table.getChildAt(i) as Vector,
    convert: converterOf(field),
  }));
  return Array.from(
    { length: table.numRows },
    (_, row) =>
      Object.fromEntries(
        columns.map(({ name, vector, convert }) => {
          const cell = vector.get(row);
          return [name, cell === null || cell === undefined ? null : convert(cell)];
        }),
      ) as Row,
  );
}

function converterOf({ type }: Field): Convert {
  if (DataType.isInt(type) && type.bitWidth === 64) return wholeNumber;
  if (DataType.isDate(type)) return (cell) => new Date(cell as number).toISOString().slice(0, 10);
  if (DataType.isDecimal(type)) return (cell) => decimalText(cell as Uint32Array, type.scale);
  if (DataType.isList(type)) {
    const convert = converterOf(type.children[0]);
    return (cell) => Array.from(cell as Iterable<unknown>, (item) => (item === null ? null : convert(item)));
  }
  return (cell) => cell;
}

function wholeNumber(cell: unknown): number | bigint {
  const value = Number(cell);
  return Number.isSafeInteger(value) ? value : (cell as bigint);
}

/** Four little-endian words in two's complement. */
function decimalText(words: Uint32Array, scale: number): string {
  const unsigned = words.reduce((sum, word, i) => sum + (BigInt(word) << BigInt(32 * i)), 0n);
  const value = BigInt.asIntN(32 * words.length, unsigned);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? digits : `${whole}.${digits.slice(digits.length - scale)}`;
  return value < 0n ? `-${text}` : text;
}
