// Starts ReDoc on the document that the page names. Its search needs a worker, which the policy refuses.
(() => {
  "use strict";
  const place = document.getElementById("redoc");
  window.Redoc.init(place.dataset.document, { disableSearch: true, hideDownloadButton: true }, place);
})();
