const STAYS_MS = 8000;

type Tone = "success" | "danger";

function region(): HTMLElement | null {
  return document.getElementById("toasts");
}

/** A short message at the foot of the window; a failure stays until it is closed. */
export function announce(text: string, tone: Tone): void {
  const place = region();
  if (!place || !text) return;
  const toast = document.createElement("div");
  toast.className = `toast-line toast-line-${tone}`;
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.textContent = place.dataset.textClose ?? "×";
  close.addEventListener("click", () => toast.remove());
  toast.append(words, close);
  place.append(toast);
  if (tone === "success") setTimeout(() => toast.remove(), STAYS_MS);
}

function wordsFor(status: number): string | undefined {
  const texts = region()?.dataset;
  if (status === 401) return texts?.textSignedOut;
  if (status === 429) return texts?.textBusy;
  return status >= 500 ? texts?.textFailed : texts?.textRefused;
}

/** Says why an htmx exchange brought nothing; the page keeps what was typed. */
export function followToasts(): void {
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    announce(wordsFor(xhr.status) ?? "", "danger");
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => announce(region()?.dataset.textOffline ?? "", "danger"));
  }
}
