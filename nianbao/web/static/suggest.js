// Suggest names while a person types. Without this script the fields work too: the search answers with a page.
for (const field of document.querySelectorAll("input[data-suggest]")) {
  const list = field.list ?? document.body.appendChild(document.createElement("datalist"));
  list.id ||= "suggested-values";
  field.setAttribute("list", list.id);
  let pause;
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(async () => {
      const typed = field.value.trim();
      // of several names the last one is looked up
      const before = "several" in field.dataset ? typed.match(/^.*[,，、;；]\s*/)?.[0] ?? "" : "";
      const name = typed.slice(before.length);
      const answer = await fetch(`${field.dataset.suggest}?text=${encodeURIComponent(name)}`);
      if (!answer.ok || typed !== field.value.trim()) return;
      const values = await answer.json();
      list.replaceChildren(...values.map(([value, meaning]) => {
        // browsers hide what does not contain the typed text, as Chinese names for English words
        const isShown = `${before}${value}\n${meaning}`.toLowerCase().includes(typed.toLowerCase());
        return new Option(isShown ? meaning : `${meaning} (${typed})`, before + value);
      }));
    }, 200);
  });
}
// On a phone an answer comes before the form that asked for it.
if (matchMedia("(max-width: 40rem)").matches) {
  for (const filters of document.querySelectorAll("details.filters")) filters.open = false;
}
