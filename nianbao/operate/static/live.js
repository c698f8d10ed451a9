// Shows anew what is followed on a page whenever the server says that it has changed. Without scripts a page is renewed.
"use strict";
for (const place of document.querySelectorAll("[data-live]")) {
  const source = new EventSource(place.dataset.live);
  source.addEventListener("change", async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) { source.close(); return; }
    const anew = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(place.id);
    if (anew) { place.replaceChildren(...anew.childNodes); } else { location.reload(); }
  });
}
