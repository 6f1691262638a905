// Starts ReDoc on the document that the page names. Its search needs a worker, which the policy refuses.
(() => {
  "use strict";
  // ReDoc fetches its maker's logo from another host; pages of Atelier ask no other host for anything.
  const foreign = (value) => /^https?:/.test(value);
  const attribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (this.tagName !== "IMG" || name !== "src" || !foreign(value)) attribute.call(this, name, value);
  };
  const property = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  Object.defineProperty(HTMLImageElement.prototype, "src", {
    ...property,
    set(value) { if (!foreign(value)) property.set.call(this, value); },
  });
  const place = document.getElementById("redoc");
  window.Redoc.init(place.dataset.document, { disableSearch: true, hideDownloadButton: true }, place);
})();
