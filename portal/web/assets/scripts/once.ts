/** The elements under `root` that match and that nobody has started yet. */
export function fresh<E extends HTMLElement>(root: ParentNode, selector: string): E[] {
  const found = [...root.querySelectorAll<E>(selector)].filter((element) => !element.dataset.started);
  for (const element of found) element.dataset.started = "yes";
  return found;
}
