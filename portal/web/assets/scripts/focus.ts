import { fresh } from "./once";

/** The list of what to correct receives the focus, so that it is read first. */
export function followErrorSummaries(root: ParentNode): void {
  fresh(root, "[data-focus]")[0]?.focus();
}
