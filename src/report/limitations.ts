import { escapeMarkup } from "../charts/escape.ts";
import { en, type Text } from "../core/text.ts";
import { both } from "./bilingual.ts";
import { WORDS } from "./words.ts";

const LIMITS: readonly Text[] = [
  en`A candle is what one exchange saw. Other exchanges saw other prices, and in a crash quite other ones.`
    .vi`Một cây nến là những gì một sàn thấy. Sàn khác thấy giá khác, và trong cơn sụp đổ thì khác hẳn.`,
  en`The bands come from the past. A market that does something for the first time is outside all of them.`
    .vi`Các dải đến từ quá khứ. Thị trường làm điều gì lần đầu tiên thì nằm ngoài mọi dải.`,
  en`The models see prices only. Whatever moves a market from outside reaches them when it has already happened.`
    .vi`Mô hình chỉ thấy giá. Điều lay động thị trường từ bên ngoài chỉ đến với chúng khi đã xảy ra.`,
  en`Days are UTC days. Days in another time zone would have other opens, closes and ranges.`
    .vi`Ngày là ngày UTC. Ngày theo múi giờ khác sẽ có giá mở, giá đóng và biên độ khác.`,
  en`A backtest's windows share one history: its scores are an estimate, and a choice made on them flatters itself.`
    .vi`Các cửa sổ của phép kiểm định lùi dùng chung một lịch sử: điểm của nó là ước lượng, và lựa chọn dựa trên điểm ấy sẽ tự khen mình.`,
  en`Nothing here is advice to buy or sell.`.vi`Không có gì ở đây là lời khuyên mua hay bán.`,
];

/** What the methods are taken from; each is named in the code that uses it. */
const REFERENCES: readonly string[] = [
  "Akidau, T. et al. (2015): The Dataflow Model. Proceedings of the VLDB Endowment 8(12), 1792–1803.",
  "Barone-Adesi, G., Giannopoulos, K., Vosper, L. (1999): VaR without Correlations for Portfolios of Derivative Securities. Journal of Futures Markets 19, 583–602.",
  "Binance: public market data (data.binance.vision) and spot API documentation.",
  "Corsi, F. (2009): A Simple Approximate Long-Memory Model of Realized Volatility. Journal of Financial Econometrics 7, 174–196.",
  "Diebold, F. X., Mariano, R. S. (1995): Comparing Predictive Accuracy. Journal of Business & Economic Statistics 13, 253–263.",
  "Garman, M. B., Klass, M. J. (1980): On the Estimation of Security Price Volatilities from Historical Data. Journal of Business 53, 67–78.",
  "Gneiting, T., Raftery, A. E. (2007): Strictly Proper Scoring Rules, Prediction, and Estimation. Journal of the American Statistical Association 102, 359–378.",
  "Hyndman, R. J., Athanasopoulos, G. (2021): Forecasting: Principles and Practice, 3rd edition. OTexts.",
  "Marz, N., Warren, J. (2015): Big Data: Principles and Best Practices of Scalable Realtime Data Systems. Manning.",
  "Okabe, M., Ito, K. (2008): Color Universal Design.",
  "Ratcliff, R. (1979): Group Reaction Time Distributions and an Analysis of Distribution Statistics. Psychological Bulletin 86, 446–461.",
  "Taylor, S. J., Letham, B. (2018): Forecasting at Scale. The American Statistician 72, 37–45.",
];

/** The sections "Limits" and "References", the last ones. */
export function limitationsHtml(): string {
  const section = (id: string, title: Text, items: readonly string[]) =>
    `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${both(title)}</h2>` +
    `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul></section>`;
  return (
    section("limits", WORDS.limits, LIMITS.map(both)) +
    section(
      "references",
      WORDS.references,
      REFERENCES.map((line) => `<span translate="no">${escapeMarkup(line)}</span>`),
    )
  );
}
