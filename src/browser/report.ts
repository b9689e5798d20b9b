import { answerChoices } from "./report/answerChoices.ts";
import { startReportPage } from "./report/reportPage.ts";

// Entry point of report.min.js, which runs twice: as the report's script, and as the text of the worker that the
// report starts, where it computes forecasts.
if (typeof document === "undefined") answerChoices();
else startReportPage(document.currentScript?.textContent ?? "");
