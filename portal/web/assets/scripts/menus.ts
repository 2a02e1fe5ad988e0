const OPEN = "details[data-menu][open]";

function closeAll(but: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN)) {
    if (!but || !menu.contains(but)) menu.open = false;
  }
}

/** <details data-menu> closes on a click elsewhere, on Escape, and when the focus leaves it. */
export function followMenus(): void {
  document.addEventListener("click", (event) => closeAll(event.target as Element));
  document.addEventListener("focusin", (event) => closeAll(event.target as Element));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector<HTMLDetailsElement>(OPEN);
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}
