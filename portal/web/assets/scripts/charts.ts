import { fresh } from "./once";

/** Draws each figure when it comes near the window; the chart library is fetched only then. */
export function followCharts(root: ParentNode): void {
  const figures = fresh<HTMLElement>(root, "[data-chart]");
  if (figures.length === 0) return;
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        void import("./drawing").then(({ draw }) => draw(target as HTMLElement));
      }
    },
    { rootMargin: "200px" },
  );
  for (const figure of figures) seen.observe(figure);
}
