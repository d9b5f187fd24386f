// The page is complete without this script. With it, the page follows the sandbox: after each change the same address
// is fetched again and everything marked `data-live` is updated, so that only the server makes HTML.
"use strict";

const dateForms = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
  day: { weekday: "short", day: "numeric", month: "short" },
  full: { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
};
dateForms.near = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false };
dateForms.tick = dateForms.clock;
const formats = Object.fromEntries(Object.entries(dateForms).map(([name, form]) => [name, new Intl.DateTimeFormat("en-GB", form)]));

/** Show the times of a document in this browser's time zone. */
function localise(page) {
  const shown = page.getElementById("clock");
  const today = shown ? formats.day.format(new Date(shown.dataset.now)) : "";
  for (const element of page.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    let form = element.dataset.form;
    if ((form === "short" || form === "near") && formats.day.format(moment) === today) form = "clock";
    if (form === "short") form = "day";
    element.textContent = formats[form in formats ? form : "full"].format(moment);
    element.title = element.dateTime;
  }
}

/** Show what only works with this script. */
function reveal(page) {
  for (const element of page.querySelectorAll(".copy, #help-button, #live")) element.hidden = false;
  for (const element of page.querySelectorAll(".only-without-script")) element.hidden = true;
}

/** Show the fields of a form that have a meaning for the choice in its first field. */
function choose(form) {
  const chosen = document.getElementById(form.dataset.chooses).value;
  for (const field of form.querySelectorAll("[data-only-for]")) {
    field.hidden = !field.dataset.onlyFor.split(" ").includes(chosen);
    for (const control of field.querySelectorAll("input, select")) control.disabled = field.hidden;
  }
}

/** Return the document at an address. Unlike `innerHTML`, this parses without running or loading anything. */
function load(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject(new Error(`${request.status}`)));
    request.onerror = () => reject(new Error("no connection"));
    request.send();
  });
}

/** Update the children of a list; unchanged ones stay, with focus and selection. */
function mergeList(mine, fresh) {
  const kept = new Map([...mine.children].map((child) => [child.id, child]));
  const isNew = [];
  let place = mine.firstElementChild;
  for (const child of [...fresh.children]) {
    let own = kept.get(child.id);
    if (own && !own.isEqualNode(child)) {
      if (place === own) place = child;
      own.replaceWith(child);
      own = child;
    }
    if (!own) isNew.push((own = child));
    if (own === place) place = place.nextElementSibling;
    else mine.insertBefore(own, place);
  }
  while (place) {
    const next = place.nextElementSibling;
    place.remove();
    place = next;
  }
  return isNew;
}

function merge(mine, fresh) {
  for (const open of mine.querySelectorAll("details[id][open]")) {
    const again = fresh.querySelector(`#${CSS.escape(open.id)}`);
    if (again) again.open = true;
  }
  if (mine.isEqualNode(fresh)) return [];
  if ("keyed" in mine.dataset && "keyed" in fresh.dataset) return mergeList(mine, fresh);
  const [list, freshList] = [mine, fresh].map((part) => part.querySelector("[data-keyed]"));
  if (list && freshList) {
    const isNew = mergeList(list, freshList);
    const others = (part, own) => [...part.children].filter((child) => child !== own);
    const [old, replaced] = [others(mine, list), others(fresh, freshList)];
    if (old.length === replaced.length) old.forEach((child, index) => child.isEqualNode(replaced[index]) || child.replaceWith(replaced[index]));
    else {
      old.forEach((child) => child.remove());
      list.after(...replaced);
    }
    return isNew;
  }
  mine.replaceWith(fresh);
  return list ? [] : [...(freshList?.children ?? [])];
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
function point(items) {
  if (still.matches) return;
  for (const item of items) item.animate([{ opacity: 0, transform: "translateY(-4px)" }, { opacity: 1, transform: "none" }], { duration: 220, easing: "ease-out" });
}

function announce(items) {
  const word = items.length && items[0].parentElement.dataset.keyed;
  if (word) document.getElementById("said").textContent = `${items.length} new ${word}${items.length === 1 ? "" : "s"}`;
}

let busy = false;
let again = false;
async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const page = await load(location.href);
    localise(page);
    reveal(page);
    const focused = document.activeElement?.id;
    const thread = document.querySelector("[data-scroll-end]");
    const atEnd = thread && thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
    const isNew = [];
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (fresh) isNew.push(...merge(part, fresh));
    }
    document.body.dataset.version = page.body.dataset.version;
    // The focused element may be gone, for instance after a click on it; then the page gets the focus, not the top of the window.
    if (focused && document.activeElement === document.body) (document.getElementById(focused) ?? document.getElementById("main")).focus({ preventScroll: true });
    if (atEnd) thread.scrollTop = thread.scrollHeight;
    point(isNew);
    announce(isNew);
    tick();
  } catch {
    // The stream shows that the sandbox is gone, and reconnects when it is back.
  } finally {
    busy = false;
  }
  if (again) {
    again = false;
    refresh();
  }
}

// A browser opens at most six connections to a host, across all its tabs: a hidden tab closes its own.
let stream = null;
function follow() {
  const mark = document.getElementById("live");
  if (document.hidden || stream) return;
  stream = new EventSource(`/events?after=${document.body.dataset.version}`);
  stream.addEventListener("change", refresh);
  stream.addEventListener("open", () => {
    mark.classList.remove("is-off");
    mark.querySelector(".live-word").textContent = "Live";
  });
  stream.addEventListener("error", () => {
    mark.classList.add("is-off");
    mark.querySelector(".live-word").textContent = "Offline";
  });
}
function unfollow() {
  stream?.close();
  stream = null;
}

/** Let the clock run like the sandbox's; a manual clock stands still. */
let clockBase = null;
function tick() {
  const chip = document.getElementById("clock");
  const speed = Number(chip.dataset.speed);
  if (!speed) return;
  if (clockBase?.now !== chip.dataset.now) clockBase = { now: chip.dataset.now, at: performance.now() };
  const now = new Date(Date.parse(chip.dataset.now) + (performance.now() - clockBase.at) * speed);
  chip.querySelector("time").textContent = formats.clock.format(now);
}

/** Send a form without leaving the page; an error is shown in the server's words. */
async function submitQuietly(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button?.name) fields.set(button.name, button.value);
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields, headers: { accept: "text/plain" } });
  if (answer.ok) {
    for (const text of form.querySelectorAll("textarea:not(.code)")) text.value = "";
    form.querySelector("[data-error]")?.remove();
    if ("reset" in form.dataset) {
      form.reset();
      choose(form);
    }
    await refresh();
    return;
  }
  const note = form.querySelector("[data-error]") ?? form.appendChild(document.createElement("p"));
  note.dataset.error = "";
  note.className = "form-error";
  note.setAttribute("role", "alert");
  note.textContent = await answer.text();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-quiet]")) {
    event.preventDefault();
    submitQuietly(form, event.submitter);
  } else if (form.matches("[data-search]")) {
    event.preventDefault();
    search(form);
  } else if (form.method === "post") {
    // The next page follows again. This one would ask for what the form has just deleted.
    unfollow();
  }
});

function search(form) {
  const fields = [...new FormData(form)].filter(([, value]) => value);
  const query = new URLSearchParams(fields).toString();
  history.replaceState(null, "", query ? `/?${query}` : "/");
  refresh();
}
let typing = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-search]");
  if (!form) return;
  clearTimeout(typing);
  typing = setTimeout(search, 150, form);
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form && form.dataset.chooses === event.target.id) choose(form);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (button) {
    const text = "copyFrom" in button.dataset ? button.parentElement.querySelector("pre").textContent : button.dataset.copy;
    await navigator.clipboard.writeText(text);
    button.classList.add("is-done");
    document.getElementById("said").textContent = "Copied";
    setTimeout(() => button.classList.remove("is-done"), 1200);
  } else if (event.target.closest("#help-button")) document.getElementById("help").showModal();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

function step(by) {
  const links = [...document.querySelectorAll("main .row-link")];
  if (!links.length) return;
  const index = links.indexOf(document.activeElement);
  const next = index < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(index + by, 0), links.length - 1);
  links[next].focus();
  links[next].closest("li").scrollIntoView({ block: "nearest" });
}

/** Delete the message that is shown, or the one in the list that has the focus. */
async function remove() {
  const link = document.activeElement.closest("[data-delete]");
  if (!link) {
    document.getElementById("delete")?.click();
    return;
  }
  const links = [...document.querySelectorAll("main .row-link")];
  const next = links[links.indexOf(link) + 1] ?? links.at(-2);
  await fetch(link.dataset.delete, { method: "POST", body: new URLSearchParams(), headers: { accept: "text/plain" } });
  await refresh();
  document.getElementById(next?.id)?.focus();
}

const keys = {
  x: remove,
  u: () => document.getElementById("undo")?.click(),
  j: () => step(1),
  k: () => step(-1),
  "/": () => {
    const field = document.getElementById("search");
    if (field) field.focus();
    else document.querySelector(".places a").click();
  },
  r: () => document.getElementById("reply-body")?.focus(),
  t: () => document.getElementById("theme").click(),
  "?": () => document.getElementById("help").showModal(),
};
document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, textarea, select, dialog[open]");
  if (event.key === "Enter" && !event.shiftKey && event.target.matches(".composer textarea") && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit();
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    const menu = document.querySelector("details.menu[open]");
    if (menu) menu.open = false;
    else if (field) event.target.blur();
    else document.getElementById("back")?.click();
  } else if (!field && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const place = document.querySelectorAll(".places a")[Number(event.key) - 1];
    if (event.key in keys) {
      event.preventDefault();
      keys[event.key]();
    } else if (/^[1-5]$/.test(event.key) && place) place.click();
  }
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) unfollow();
  else {
    refresh();
    follow();
  }
});
addEventListener("pagehide", unfollow);
addEventListener("pageshow", follow);

localise(document);
reveal(document);
for (const form of document.querySelectorAll("[data-chooses]")) choose(form);
for (const thread of document.querySelectorAll("[data-scroll-end]")) thread.scrollTop = thread.scrollHeight;
tick();
setInterval(tick, 1000);
