function dialogOf(trigger: HTMLElement): HTMLDialogElement | null {
  const found = document.getElementById(trigger.dataset.dialogOpen ?? "");
  return found instanceof HTMLDialogElement ? found : null;
}

/** `data-dialog-open="id"` opens a modal <dialog>; `data-dialog-close`, Escape and the backdrop close it. */
export function followDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const opener = target.closest<HTMLElement>("[data-dialog-open]");
    const closer = target.closest("[data-dialog-close]");
    const dialog = opener ? dialogOf(opener) : target.closest("dialog");
    if (!dialog) return;
    if (opener) {
      event.preventDefault();
      dialog.showModal();
    } else if (closer || target === dialog) {
      event.preventDefault();
      dialog.close();
    }
  });
}
