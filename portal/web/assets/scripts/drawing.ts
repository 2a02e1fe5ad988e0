import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import type { EChartsCoreOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import { fullText, shortText, type Unit } from "./figures";

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

interface Series {
  name: string;
  values: (number | null)[];
  tone?: string;
  tones?: string[];
}

interface ChartData {
  labels: string[];
  series: Series[];
  unit?: Unit;
  currency?: string;
  marker?: { index: number; label: string };
}

interface Point {
  seriesName?: string;
  name: string;
  value: number | null;
  color?: unknown;
  seriesId?: string;
}

const ORDER = ["accent", "accent-2", "warning", "neutral", "danger", "success"];
const UNSEEN = "unseen";

function tone(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--chart-${name}`).trim();
}

/** The bubble's content, built as nodes: the security policy forbids style attributes in markup. */
function bubble(points: Point[], data: ChartData): HTMLElement {
  const box = document.createElement("div");
  box.className = "chart-bubble";
  const title = document.createElement("p");
  title.textContent = points[0]?.name ?? "";
  box.append(title);
  for (const { seriesName, seriesId, value, color } of points) {
    if (value === null || value === undefined || seriesId === UNSEEN) continue;
    const line = document.createElement("div");
    const key = document.createElement("span");
    key.className = "chart-key";
    key.style.backgroundColor = String(color);
    const name = document.createElement("span");
    name.textContent = seriesName ?? "";
    const figure = document.createElement("strong");
    figure.textContent = fullText(value, data.unit ?? "count", data.currency ?? "EUR");
    line.append(key, name, figure);
    box.append(line);
  }
  return box;
}

function markerOf(data: ChartData): object {
  if (!data.marker) return {};
  const { index, label } = data.marker;
  return {
    markLine: {
      symbol: "none",
      silent: true,
      animation: false,
      lineStyle: { color: tone("ink"), type: "dashed", width: 1 },
      label: { formatter: label, color: tone("ink"), fontSize: 12, position: "end" },
      data: [{ xAxis: index }],
    },
  };
}

function bars(data: ChartData): object[] {
  const stacked = data.series.length > 1;
  return data.series.map((series, index) => ({
    type: "bar",
    name: series.name,
    data: series.tones
      ? series.values.map((value, at) => ({ value, itemStyle: { color: tone(series.tones![at] ?? "accent") } }))
      : series.values,
    stack: stacked ? "all" : undefined,
    barMaxWidth: 44,
    itemStyle: {
      color: tone(series.tone ?? ORDER[index % ORDER.length]!),
      borderRadius: stacked ? 0 : [4, 4, 0, 0],
      borderColor: tone("paper"),
      borderWidth: stacked ? 1 : 0,
    },
    ...(index === 0 ? markerOf(data) : {}),
  }));
}

function lines(data: ChartData): object[] {
  return data.series.map((series, index) => {
    const color = tone(series.tone ?? ORDER[index % ORDER.length]!);
    return {
      type: "line",
      name: series.name,
      data: series.values,
      smooth: 0.2,
      symbol: "circle",
      symbolSize: 6,
      showSymbol: series.values.length <= 16,
      lineStyle: { width: 2.5, color, type: index === 1 ? "dashed" : "solid" },
      itemStyle: { color },
      areaStyle: index === 0 ? { color, opacity: 0.08 } : undefined,
      ...(index === 0 ? markerOf(data) : {}),
    };
  });
}

/** Steps from the first value to the last: the first and last are totals, the others are changes. */
function waterfall(data: ChartData): object[] {
  const values = data.series[0]?.values.map((value) => value ?? 0) ?? [];
  const last = values.length - 1;
  let level = 0;
  const feet: number[] = [];
  const heights = values.map((value, index) => {
    const total = index === 0 || index === last;
    const before = total ? 0 : level;
    level = total ? value : level + value;
    feet.push(Math.min(before, level));
    const color = tone(total ? "accent" : value < 0 ? "warning" : "success");
    return { value: Math.abs(value), itemStyle: { color, borderRadius: 3 }, signed: value };
  });
  const blank = { itemStyle: { color: "transparent" }, emphasis: { disabled: true }, silent: true };
  const name = data.series[0]?.name ?? "";
  return [
    { type: "bar", id: UNSEEN, stack: "all", data: feet, ...blank },
    { type: "bar", stack: "all", name, data: heights, barMaxWidth: 64 },
  ];
}

const SERIES: Record<string, (data: ChartData) => object[]> = { bars, line: lines, waterfall };

function signed(point: Point & { data?: { signed?: number } }): Point {
  return { ...point, value: point.data?.signed ?? point.value };
}

/** Categories are all named, slanted where they are narrow; the days of a line may be skipped. */
function labelPlacing(kind: string, room: number): object {
  if (kind === "line") return { hideOverlap: true };
  return { interval: 0, rotate: room < 78 ? 32 : 0, width: room < 78 ? 90 : room - 8, overflow: "break" };
}

function optionsOf(kind: string, data: ChartData, width: number): EChartsCoreOption {
  const unit = data.unit ?? "count";
  const currency = data.currency ?? "EUR";
  const fontFamily = getComputedStyle(document.body).fontFamily;
  const text = { color: tone("muted"), fontFamily, fontSize: 12 };
  return {
    animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 350,
    textStyle: { fontFamily },
    grid: { left: 4, right: 12, top: data.series.length > 1 ? 36 : 16, bottom: 4, containLabel: true },
    legend: {
      show: data.series.length > 1,
      top: 0,
      left: 0,
      itemWidth: 10,
      itemHeight: 10,
      icon: "roundRect",
      textStyle: text,
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      axisPointer: { type: kind === "line" ? "line" : "shadow", shadowStyle: { opacity: 0.06 } },
      className: "chart-tip",
      formatter: (points: Point[]) => bubble(points.map(signed), data),
    },
    xAxis: {
      type: "category",
      data: data.labels,
      boundaryGap: kind !== "line",
      axisTick: { show: false },
      axisLine: { lineStyle: { color: tone("line") } },
      axisLabel: { ...text, ...labelPlacing(kind, width / data.labels.length) },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      splitLine: { lineStyle: { color: tone("grid") } },
      axisLabel: { ...text, formatter: (value: number) => shortText(value, unit, currency) },
    },
    series: (SERIES[kind] ?? bars)(data),
  };
}

/** Draws the figure's data block on its canvas, and again at each change of width. */
export async function draw(figure: HTMLElement): Promise<void> {
  const canvas = figure.querySelector<HTMLElement>("[data-chart-canvas]");
  const block = figure.querySelector("[data-chart-data]");
  if (!canvas || !block) return;
  const data = JSON.parse(block.textContent ?? "") as ChartData;
  await document.fonts.ready;
  const chart = init(canvas, undefined, { renderer: "svg" });
  new ResizeObserver(() => {
    chart.resize();
    chart.setOption(optionsOf(figure.dataset.chart ?? "bars", data, canvas.clientWidth));
  }).observe(canvas);
  figure.classList.add("is-drawn");
}
