import htmx from "htmx.org";

import { followBulkChoices } from "./bulk";
import { followCharts } from "./charts";
import { followCopyButtons } from "./copy";
import { followDialogs } from "./dialogs";
import { followDropzones } from "./dropzone";
import { followExports } from "./exports";
import { followErrorSummaries } from "./focus";
import { followMenus } from "./menus";
import { followPasskeys } from "./passkeys";
import { followSubmits } from "./submits";
import { followToasts } from "./toasts";

const inPage = [followBulkChoices, followCharts, followDropzones, followErrorSummaries, followPasskeys];

function follow(root: ParentNode): void {
  for (const start of inPage) start(root);
}

document.documentElement.classList.add("js");
followCopyButtons();
followDialogs();
followExports();
followMenus();
followSubmits();
followToasts();
follow(document);
htmx.on("htmx:load", (event) => {
  const { elt } = (event as CustomEvent<{ elt: Element }>).detail;
  if (elt !== document.body) follow(elt.parentNode ?? elt);
});
