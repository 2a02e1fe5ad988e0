const locale = document.documentElement.lang || "fr";

export type Unit = "money" | "percent" | "days" | "count";

/** Whole cents in the reader's manner: 1 234 567 → "12 345,67 €". */
export function moneyText(cents: number, currency: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100);
}

/** An axis label: as few characters as the value allows ("12 k€", "80 %"). */
export function shortText(value: number, unit: Unit, currency: string): string {
  if (unit === "money") {
    const options = { style: "currency", currency, notation: "compact" } as const;
    return new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: 1 }).format(value / 100);
  }
  if (unit === "percent") return new Intl.NumberFormat(locale, { style: "percent" }).format(value);
  return new Intl.NumberFormat(locale).format(value);
}

export function fullText(value: number, unit: Unit, currency: string): string {
  if (unit === "money") return moneyText(value, currency);
  if (unit === "percent") {
    const options = { style: "percent", maximumFractionDigits: 2 } as const;
    return new Intl.NumberFormat(locale, options).format(value);
  }
  return new Intl.NumberFormat(locale).format(value);
}
