const locale = document.documentElement.lang || "fr";

export type Unit = "money" | "percent" | "days" | "count";

/** The typeface has no U+202F: another face's would stand too thin to part thousands. */
function written(value: number, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(locale, options).format(value).replaceAll("\u202f", "\u00a0");
}

/** Whole cents in the reader's manner: 1 234 567 → "12 345,67 €". */
export function moneyText(cents: number, currency: string): string {
  return written(cents / 100, { style: "currency", currency });
}

/** An axis label: as few characters as the value allows ("12 k€", "80 %"). */
export function shortText(value: number, unit: Unit, currency: string): string {
  if (unit === "percent") return written(value, { style: "percent" });
  if (unit !== "money") return written(value);
  const compact = { style: "currency", currency, notation: "compact" } as const;
  return written(value / 100, { ...compact, maximumFractionDigits: 1 });
}

export function fullText(value: number, unit: Unit, currency: string): string {
  if (unit === "money") return moneyText(value, currency);
  if (unit === "percent") return written(value, { style: "percent", maximumFractionDigits: 2 });
  return written(value);
}
