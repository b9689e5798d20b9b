import { type Feature, type Group, withHeader } from "./feature.ts";
import type { Plan } from "./plan.ts";

function setting(label: string, change: Partial<Plan>, fits?: (plan: Plan) => boolean): Feature {
  return { label, weight: 1, fits, apply: (plan) => void Object.assign(plan, change) };
}

const anyDelimiter = (plan: Plan) => plan.delimiter === "," && plan.numbers.mark === ".";

/** How the text of a file is laid out. */
export const texts: Group = {
  weight: 4,
  features: [
    setting("delimiter ;", { delimiter: ";" }, anyDelimiter),
    setting("delimiter tab", { delimiter: "\t" }, anyDelimiter),
    setting("delimiter |", { delimiter: "|" }, anyDelimiter),
    setting("line ends of Windows", { ending: "\r\n" }),
    setting("line ends of old Macs", { ending: "\r" }),
    setting("byte order mark", { bom: true }),
    setting("quoted cells", { quotedCells: true, header: "quoted" }, withHeader),
    setting("descending", { descending: true }),
    setting("trailing delimiter", { trailing: "both" }),
    setting("trailing delimiter after rows alone", { trailing: "rows" }),
  ],
};

/** What the file is packed in. */
export const containers: Group = {
  weight: 3,
  features: [
    setting("gz", { container: "gz" }),
    setting("zip", { container: "zip" }),
    { ...setting("zip with __MACOSX and README.txt", { container: "untidy zip" }), weight: 2 },
    {
      label: "zip without candles",
      weight: 0.5,
      apply(plan) {
        plan.container = "empty zip";
        plan.must.add("no_candles_in_zip");
      },
    },
  ],
};
