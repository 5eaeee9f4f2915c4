// Starts the scripts of the HIT page. Without JavaScript the plain form works too.
//
// The order counts. Errors are found before a submit is held for pictures or for the draft; and the
// draft is restored before the rest of the page is set up from what the form has.
import { startChecks } from "./check.js";
import { startDraft } from "./draft.js";
import { startGrid } from "./grid.js";
import { startInstructions } from "./instructions.js";
import { isChange, isPreview } from "./page.js";
import { startPhoneBar } from "./phone.js";
import { startPictures } from "./pictures.js";
import { startPrefetch } from "./prefetch.js";
import { startSizes } from "./size.js";
import { startTrace } from "./trace.js";
import { startZoom } from "./zoom.js";

startChecks();
if (!isPreview) {
  const trace = startTrace();
  if (!isChange) {
    startDraft(trace);
    startPrefetch();
  }
}
startGrid();
startPictures();
startPhoneBar();
startZoom();
startSizes();
startInstructions();
