// A picture goes from the browser to storage by itself; where that fails, the form carries it.
{
  const asked = async (form, file) => {
    const said = new FormData();
    said.set("form_token", form.elements.form_token.value);
    said.set("content_type", file.type);
    said.set("size", String(file.size));
    const headers = { Accept: "application/json" };
    const answer = await fetch(form.dataset.upload, { method: "POST", body: said, headers });
    return answer.ok ? answer.json() : null;
  };
  const put = async (form, field) => {
    const upload = await asked(form, field.files[0]);
    if (!upload) return;
    const { url, method, headers, ticket } = upload;
    const answer = await fetch(url, { method, headers, body: field.files[0] });
    if (!answer.ok) return;
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: "ticket", value: ticket });
    form.append(kept);
    field.disabled = true;
  };
  on("submit", "form[data-upload]", async (form, event) => {
    const field = form.elements.picture;
    if (event.defaultPrevented || !field.files.length) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    event.submitter?.setAttribute("aria-busy", "true");
    try {
      await put(form, field);
    } catch {
      // The bucket did not let us: the form below carries the file.
    }
    form.submit();
  }, true);
}
