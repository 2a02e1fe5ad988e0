import { moneyText } from "./figures";
import { fresh } from "./once";

function boxesOf(group: string): HTMLInputElement[] {
  const boxes = document.querySelectorAll<HTMLInputElement>(`input[data-select="${CSS.escape(group)}"]`);
  return [...boxes].filter((box) => !box.disabled);
}

function countText(texts: DOMStringMap, count: number): string {
  if (count === 0) return texts.textNone ?? "";
  if (count === 1) return texts.textOne ?? "";
  return (texts.textMany ?? "{count}").replace("{count}", String(count));
}

function show(bar: HTMLElement): void {
  const group = bar.dataset.bulk ?? "";
  const boxes = boxesOf(group);
  const chosen = boxes.filter((box) => box.checked);
  const cents = chosen.reduce((sum, box) => sum + Number(box.dataset.cents ?? 0), 0);
  const count = bar.querySelector("[data-bulk-count]");
  const total = bar.querySelector("[data-bulk-total]");
  if (count) count.textContent = countText(bar.dataset, chosen.length);
  if (total) total.textContent = chosen.length && cents ? moneyText(cents, bar.dataset.currency ?? "EUR") : "";
  bar.classList.toggle("is-active", chosen.length > 0);
  for (const button of bar.querySelectorAll("button")) button.disabled = chosen.length === 0;
  showAll(group, boxes.length, chosen.length);
}

function showAll(group: string, count: number, chosen: number): void {
  const all = document.querySelector<HTMLInputElement>(`input[data-select-all="${CSS.escape(group)}"]`);
  if (!all) return;
  all.checked = count > 0 && chosen === count;
  all.indeterminate = chosen > 0 && chosen < count;
}

function change(bar: HTMLElement, target: EventTarget | null): void {
  if (!(target instanceof HTMLInputElement)) return;
  const group = bar.dataset.bulk ?? "";
  if (target.dataset.selectAll === group) {
    for (const box of boxesOf(group)) box.checked = target.checked;
  }
  if (target.dataset.selectAll === group || target.dataset.select === group) show(bar);
}

/** Bars that count the ticked rows of their group and add up their cents. */
export function followBulkChoices(root: ParentNode): void {
  for (const bar of fresh<HTMLElement>(root, "[data-bulk]")) {
    document.addEventListener("change", (event) => {
      if (bar.isConnected) change(bar, event.target);
    });
    document.addEventListener("htmx:afterSettle", () => {
      if (bar.isConnected) show(bar);
    });
    show(bar);
  }
}
