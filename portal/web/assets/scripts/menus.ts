const OPEN = "details[data-menu][open]";
const MARGIN = 12;

function closeAll(but: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN)) {
    if (!but || !menu.contains(but)) menu.open = false;
  }
}

/** An explanation stands under its amount, inside the window, over whatever frame it is in. */
function place(explanation: HTMLElement): void {
  const panel = explanation.querySelector<HTMLElement>(".explain-panel");
  const amount = explanation.querySelector("summary")?.getBoundingClientRect();
  if (!panel || !amount) return;
  const { offsetWidth: width, offsetHeight: height } = panel;
  const rightmost = document.documentElement.clientWidth - width - MARGIN;
  const below = amount.bottom + 6;
  const top = below + height + MARGIN > window.innerHeight ? amount.top - height - 6 : below;
  panel.style.left = `${Math.max(MARGIN, Math.min(amount.left, rightmost))}px`;
  panel.style.top = `${Math.max(MARGIN, top)}px`;
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
  const capture = true;
  document.addEventListener("toggle", ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.open && target.matches(".explain")) place(target);
  }, { capture });
  document.addEventListener("scroll", () => {
    for (const open of document.querySelectorAll<HTMLElement>("details.explain[open]")) place(open);
  }, { capture, passive: true });
}
