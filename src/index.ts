// What notebooks and programs import from "candlebook", grouped as the folders are.

export { type CandlesOptions, type CandlesResult, type CandlesSymbol, candles } from "./batch/candles.ts";
export { type CleanedSymbol, type CleanOptions, type CleanResult, clean } from "./batch/clean.ts";
export { type DailyOptions, type DailyResult, type DailySymbol, daily } from "./batch/daily.ts";
export type { FileReport } from "./batch/fileReport.ts";
export type { InputFile } from "./batch/files.ts";
export { type IngestOptions, type IngestResult, ingest } from "./batch/ingest.ts";
export type { RowBalance } from "./candle/balance.ts";
export type { Candle, DailyCandle, FoldedCandle, Origin, ServedDay, Source } from "./candle/candle.ts";
export { assetOf, parseSymbol } from "./candle/symbol.ts";
export {
  type AccuracyOptions,
  coverageChart,
  errorByStepChart,
  errorByYearChart,
} from "./charts/accuracy.ts";
export { type ActualOptions, actualChart, type LessonLines, lessonChart } from "./charts/actual.ts";
export { type CandleOptions, candleChart } from "./charts/candles.ts";
export { completenessChart } from "./charts/completeness.ts";
export { componentsChart } from "./charts/components.ts";
export type {
  Axis as FigureAxis,
  Description as FigureDescription,
  Mark as FigureMark,
  Panel as FigurePanel,
} from "./charts/description.ts";
export type {
  Figure,
  FigureOptions,
  FigureOptions as GapAtlasOptions,
  FigureOptions as MinuteOptions,
  FigureOptions as ScoreChartOptions,
  FigureOptions as TogetherOptions,
  SymbolOptions,
  SymbolOptions as CompletenessOptions,
  SymbolOptions as OriginCalendarOptions,
  SymbolOptions as ReconciliationOptions,
} from "./charts/figure.ts";
export { type ForecastChartOptions, forecastChart } from "./charts/forecast.ts";
export { type AtlasGap, gapAtlas } from "./charts/gapAtlas.ts";
export { makeFigure } from "./charts/make.ts";
export { minuteChart } from "./charts/minutes.ts";
export { originCalendar } from "./charts/originCalendar.ts";
export { toHtmlPage } from "./charts/page.ts";
export { toPng } from "./charts/png.ts";
export {
  type ReconciliationParts,
  reconciliationChart,
} from "./charts/reconciliation.ts";
export { riskChart } from "./charts/risk.ts";
export type { Span } from "./charts/rows.ts";
export { scoreChart } from "./charts/scores.ts";
export {
  comparisonChart,
  correlationChart,
  drawdownChart,
  volatilityChart,
} from "./charts/together.ts";
export { type ArrivalPoint, type WatermarkOptions, watermarkChart } from "./charts/watermark.ts";
export type { Effects } from "./core/effects.ts";
export { CandlebookError } from "./core/errors.ts";
export type { Progress, ProgressEvent } from "./core/progress.ts";
export type { Text } from "./core/text.ts";
export { CODE_VERSION } from "./core/version.ts";
export type { Workspace } from "./core/workspace.ts";
export { claims, type DecidedClaim } from "./course/claims.ts";
export { evaluateLesson, type LeakLesson, leakLesson } from "./course/leakLesson.ts";
export { compareReaders, type ReaderLesson, type ReaderTime, type StageTime } from "./course/readerLesson.ts";
export {
  type StreamExperiment,
  type StreamExperimentOptions,
  streamExperiment,
} from "./course/streamExperiment.ts";
export { type DemoOptions, type DemoResult, demo } from "./demo/demo.ts";
export {
  type PeekedMessage,
  type SessionOptions,
  type StreamSession,
  streamSession,
} from "./demo/streamSession.ts";
export { cellEffects } from "./display/cellEffects.ts";
export { progressBar } from "./display/progressBar.ts";
export { show } from "./display/show.ts";
export type { TableOptions } from "./display/table.ts";
export { type BacktestOptions, backtest, type Evaluation } from "./evaluation/backtest.ts";
export { type CutoffPlan, makeCutoffs } from "./evaluation/cutoffs.ts";
export { type BandScore, type JudgedModel, judge } from "./evaluation/judge/judge.ts";
export { type FeatureFunction, type LeakReport, measureLeak, requireNoLeak } from "./evaluation/leakMeter.ts";
export type { ModelScore } from "./evaluation/score.ts";
export { FAMOUS_MAPE, type Summary } from "./evaluation/summary.ts";
export {
  defineForecaster,
  eachDay,
  type FittedDefinition,
  logNormal,
  type ModelDefinition,
  type PriceDistribution,
} from "./forecast/define.ts";
export { drift } from "./forecast/drift.ts";
export { randomWalkEnsemble } from "./forecast/ensemble/ensemble.ts";
export {
  BAND_LEVELS,
  type FeatureColumns,
  type FittedModel,
  type Forecast,
  type Forecaster,
  type ModelNeeds,
  type OwnFeature,
  type OwnFeatures,
  QUANTILE_LEVELS,
  type Series,
} from "./forecast/forecaster.ts";
export { naive } from "./forecast/naive.ts";
export {
  BITCOIN_HALVINGS,
  knownFuture,
  lagged,
  Prophet,
  type ProphetComponents,
  prophet,
  prophetComponents,
} from "./forecast/prophet/prophet.ts";
export { forecasters, MODEL_NAMES } from "./forecast/registry.ts";
export { seasonalNaive } from "./forecast/seasonalNaive.ts";
export { type EtsOptions, ets } from "./forecast/smoothing/ets.ts";
export { type ThetaOptions, theta } from "./forecast/smoothing/theta.ts";
export { ewma } from "./forecast/volatility/ewma.ts";
export { fitHar, type HarModel, harFeatures } from "./forecast/volatility/har.ts";
export { rangeVariance } from "./forecast/volatility/rangeVariance.ts";
export { realizedRange } from "./forecast/volatility/realizedRange.ts";
export { type DiaryScore, readDiary } from "./forecasting/diaryScores.ts";
export {
  type EvaluateOptions,
  type EvaluateResult,
  evaluate,
  seriesOf,
} from "./forecasting/evaluate.ts";
export { type ForecastOptions, forecast } from "./forecasting/forecast.ts";
export type { ForecastFacts, ForecastResult, SymbolForecast } from "./forecasting/forecastResult.ts";
export type { ModelChoice } from "./forecasting/ownModels.ts";
export { type PictureBacktest, pictureBacktest } from "./forecasting/pictureBacktest.ts";
export { readForecasts, readResults } from "./forecasting/readForecasts.ts";
export { readRisk } from "./forecasting/readRisk.ts";
export { type ScoreOptions, type ScoreResult, scoreFiles } from "./forecasting/scoreFiles.ts";
export { summariesOf } from "./forecasting/summaries.ts";
export { openWorkspace, type WorkspaceOptions } from "./lake/openWorkspace.ts";
export { type Following, type FollowOptions, followStream } from "./live/follow.ts";
export { type LiveServer, startLiveServer } from "./live/liveServer.ts";
export type { LivePicture, LiveSymbol } from "./live/picture.ts";
export type { NotebookOptions } from "./notebooks/notebookTasks.ts";
export { parameters } from "./notebooks/parameters.ts";
export { type NotebookRun, runNotebooks } from "./notebooks/runNotebooks.ts";
export { type ArchiveOptions, type ArchiveResult, archiveSource } from "./pipeline/archiveSource.ts";
export { type CloseGapsOptions, type CloseGapsResult, closeGaps } from "./pipeline/closeGaps.ts";
export { type FiguresResult, figures } from "./pipeline/figures.ts";
export { type ReportResult, report } from "./report/report.ts";
export { type Coverage, testCoverage } from "./risk/coverage.ts";
export { fitGarch, type Garch, garchAhead, garchLikelihood, garchVariances } from "./risk/garch.ts";
export { riskLines } from "./risk/riskLines.ts";
export { type RiskRow, riskRows, type TailColumns } from "./risk/riskRows.ts";
export { type RiskScores, scoreRisk, type TailScore, type VarianceScore } from "./risk/scoreRisk.ts";
export type { SymbolRisk } from "./risk/symbolRisk.ts";
export type { Side, TailLevel } from "./risk/tails.ts";
export type { RiskModel } from "./risk/variances.ts";
export { type CompareOptions, compareDays, type LayerDays } from "./serving/compareDays.ts";
export { explain } from "./serving/explain.ts";
export { type CandleOfTable, explainCandle } from "./serving/explainCandle.ts";
export type { CandleExplanation, Explanation } from "./serving/explanation.ts";
export { type MergeResult, merge } from "./serving/merge.ts";
export { query } from "./serving/query.ts";
export {
  type CandlesOfTable,
  publishedIntervals,
  type ReadCandlesOptions,
  readCandles,
} from "./serving/readCandles.ts";
export { type DaysOfTable, type ReadDaysOptions, readDays } from "./serving/readDays.ts";
export { type MinutesOfDays, type ReadMinutesOptions, readMinutes } from "./serving/readMinutes.ts";
export { type Overlap, type ReconciliationRow, reconciliation } from "./serving/reconciliation.ts";
export { type ResultRows, resultRows } from "./serving/resultRows.ts";
export { type ResultsResult, results } from "./serving/results.ts";
export type { SeriesStatus } from "./serving/seriesStatus.ts";
export {
  type Status,
  type StatusOptions,
  type StreamStatus,
  status,
  type TableStatus,
} from "./serving/status.ts";
export type { SymbolStatus } from "./serving/symbolStatus.ts";
export { consumeOnSpark, type SparkConsumeOptions, type SparkConsumeResult } from "./spark/consumeOnSpark.ts";
export { type SparkHome, sparkHome } from "./spark/home.ts";
export { sparkCleaner } from "./spark/sparkCleaner.ts";
export { sparkEngine } from "./spark/sparkEngine.ts";
export { sparkFileReader } from "./spark/sparkFileReader.ts";
export { type ServerOptions, startSpark, stopSpark } from "./spark/sparkServer.ts";
export type { SparkSession } from "./spark/sparkSession.ts";
export { withSpark } from "./spark/withSpark.ts";
export {
  type ConsumeOptions,
  type ConsumeResult,
  consume,
} from "./speed/consume/consume.ts";
export { openWindows, type StreamView, type SymbolStream } from "./speed/consume/openWindows.ts";
export { type SnapshotResult, snapshot } from "./speed/consume/snapshot.ts";
export type { Interval } from "./time/interval.ts";
export { openTopic, type TopicOptions } from "./topic/openTopic.ts";
export type { Topic } from "./topic/topic.ts";
