/** A list's export keeps the filters chosen since the page came. */
export function followExports(): void {
  document.body.addEventListener("htmx:pushedIntoHistory", () => {
    for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-export]")) link.search = location.search;
  });
}
