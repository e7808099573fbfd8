// The newsletter's page: frames as high as their mail, one width at a time on small screens, tabs, copying.
// Without it everything is there, one thing below the other.

/** @param {HTMLIFrameElement} frame */
function fit(frame) {
  const inside = frame.contentDocument?.body;
  if (inside) frame.height = String(Math.ceil(inside.scrollHeight));
}

function frames() {
  for (const frame of document.querySelectorAll("iframe[data-mail]")) {
    frame.addEventListener("load", () => fit(frame));
    fit(frame);
  }
  addEventListener("resize", () => document.querySelectorAll("iframe[data-mail]").forEach(fit));
}

function widths() {
  const mails = document.querySelector(".mails");
  const group = mails?.querySelector(".widths");
  if (!group) return;
  group.hidden = false;
  mails.dataset.show = "narrow";
  group.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-width]");
    if (!chosen) return;
    mails.dataset.show = chosen.dataset.width;
    for (const button of group.children) button.setAttribute("aria-pressed", String(button === chosen));
    mails.querySelectorAll("iframe").forEach(fit);
  });
}

function tabs() {
  const section = document.querySelector("[data-tabs]");
  const list = section?.querySelector("[role=tablist]");
  if (!list) return;
  const all = [...list.querySelectorAll("[role=tab]")];
  const show = (tab) => {
    for (const one of all) {
      const part = document.getElementById(one.getAttribute("aria-controls"));
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
      part.hidden = one !== tab;
      part.setAttribute("role", "tabpanel");
      part.setAttribute("aria-labelledby", one.id);
    }
  };
  list.hidden = false;
  section.classList.add("tabbed");
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) show(tab);
  });
  list.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : step && (at + step + all.length) % all.length;
    if (to === undefined) return;
    event.preventDefault();
    show(all[to]);
    all[to].focus();
  });
  show(all[0]);
}

function copying() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      document.getElementById("said").textContent = button.dataset.done;
      const label = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => (button.textContent = label), 2000);
    });
  }
}

frames();
widths();
tabs();
copying();
