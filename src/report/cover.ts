import { z } from "zod";
import { escapeMarkup } from "../charts/escape.ts";
import { inputError } from "../core/errors.ts";
import { LANGUAGES } from "../core/text.ts";
import { both } from "./bilingual.ts";
import { WORDS } from "./words.ts";

const line = z.string().trim().min(1).max(200);

const coverForm = z.strictObject({
  title: line.optional(),
  author: line.optional(),
  studentId: line.optional(),
  class: line.optional(),
  course: line.optional(),
  lecturer: line.optional(),
  /** The language that the page opens in. */
  language: z.enum(LANGUAGES).optional(),
});

/** What `report.json` says of the report: all of it optional. */
export type Cover = z.infer<typeof coverForm>;

/**
 * The cover from `report.json`.
 * @param value its content; null where there is no such file
 * @throws CandlebookError `bad_report_json` (exit 2) with the field that can't be used
 */
export function readCover(value: unknown): Cover {
  const found = coverForm.safeParse(value ?? {});
  if (found.success) return found.data;
  const [{ path, message }] = found.error.issues;
  throw inputError(
    "bad_report_json",
    `report.json can't be used: ${path.length > 0 ? `${path.join(".")}: ` : ""}${message}.`,
    `It may have ${Object.keys(coverForm.shape).join(", ")}, each a line of text; language is ${LANGUAGES.join(" or ")}.`,
  );
}

/** Title and who made it for whom. */
export function coverHtml(cover: Cover): string {
  const fields = (["author", "studentId", "class", "course", "lecturer"] as const).flatMap((name) => {
    const text = cover[name];
    return text === undefined
      ? []
      : [`<div><dt>${both(WORDS[name])}</dt><dd>${escapeMarkup(text)}</dd></div>`];
  });
  const list = fields.length > 0 ? `<dl class="cover">${fields.join("")}</dl>` : "";
  return `<div><h1>${cover.title === undefined ? both(WORDS.title) : escapeMarkup(cover.title)}</h1>${list}</div>`;
}
