import { announce } from "./toasts";

/** Buttons that copy `data-copy` to the clipboard and say so. */
export function followCopyButtons(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    announce(button.dataset.textCopied ?? "", "success");
  });
}
