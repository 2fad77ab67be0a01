"use strict";
// The boxes and blanks of this page: kept in the browser, exported to a file and imported from one; and the guard
// before each server's sheet. What comes from the page, a file or the browser is data: set as text, never as markup.
(() => {
  const main = document.querySelector("main");
  const { plan, change, revision } = main.dataset;
  // As JSON, so that no plan's key can be the beginning of another's; all files opened from a stick share one storage.
  const KEY = JSON.stringify(["pmx-preflight", plan, change, revision]);
  const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;
  const AHEAD = 24 * 3600e3; // milliseconds; a clock that is wrong by a time zone is merged, one that is wrong by days is not
  const LARGEST_FILE = 64e6; // bytes; a set for 500 servers with every blank filled is about a tenth of it

  const tools = document.querySelector(".tools");
  const state = document.querySelector(".state");
  const fields = new Map(Array.from(main.querySelectorAll("input[name]"), (input) => [input.name, input]));
  fields.forEach((input) => input.setAttribute("aria-label", input.title)); // a title alone is not read by every reader
  const records = new Map(); // name -> {value: true or text, at: time}; an emptied place has the value ""
  let unkept = false;
  let exported = true;

  const say = (sentence) => { state.querySelector("[role=status]").textContent = sentence; };

  // ---- times: ISO with the browser's offset, so that files of two machines can be merged ----

  function iso(milliseconds) {
    const offset = -new Date(milliseconds).getTimezoneOffset();
    const two = (number) => String(Math.trunc(number)).padStart(2, "0");
    const local = new Date(milliseconds + offset * 60000).toISOString().slice(0, -1);
    return local + (offset < 0 ? "-" : "+") + two(Math.abs(offset) / 60) + ":" + two(Math.abs(offset) % 60);
  }

  // Later than what the places have already, even when that came from a machine whose clock is ahead.
  function moment(names) {
    const known = names.filter((name) => records.has(name)).map((name) => Date.parse(records.get(name).at) + 1);
    return iso(Math.max(Date.now(), ...known));
  }

  // A total order: two copies that are merged either way round end up the same.
  function later(one, other) {
    const apart = Date.parse(one.at) - Date.parse(other.at);
    return apart ? apart > 0 : String(one.value) > String(other.value);
  }

  // ---- records ----

  function sound(name, record) {
    if (record === null || typeof record !== "object" || typeof record.at !== "string") return false;
    if (!TIME.test(record.at) || Number.isNaN(Date.parse(record.at))) return false;
    const text = typeof record.value === "string";
    const box = record.value === true || record.value === "";
    const input = fields.get(name);
    return input ? (input.type === "checkbox" ? box : text) : box || text;
  }

  function show(name) {
    const input = fields.get(name);
    const value = records.has(name) ? records.get(name).value : "";
    if (!input) return;
    if (input.type === "checkbox") input.checked = value === true;
    else if (input.value !== value) input.value = value; // setting the same text would move the cursor
  }

  function accept(name, record) {
    if (records.has(name) && !later(record, records.get(name))) return false;
    records.set(name, { value: record.value, at: record.at });
    show(name);
    return true;
  }

  function forget(name) {
    records.delete(name);
    show(name);
  }

  // ---- the browser's storage: one entry a place, so that two tabs never write over each other's ----

  function lost() {
    unkept = true;
    state.querySelector("[role=alert]").textContent =
      "This browser keeps nothing: its storage is switched off or full. Export before you close or reload this page.";
  }

  function keep(name) {
    try {
      localStorage.setItem(KEY + name, JSON.stringify(records.get(name)));
    } catch {
      lost();
    }
  }

  function read(name, text) {
    try {
      const record = JSON.parse(text);
      return sound(name, record) ? record : null;
    } catch {
      return null;
    }
  }

  function load() {
    try {
      for (let at = 0; at < localStorage.length; at += 1) {
        const key = localStorage.key(at);
        const name = key.slice(KEY.length);
        const record = key.startsWith(KEY) && read(name, localStorage.getItem(key));
        if (record) accept(name, record);
      }
    } catch {
      lost();
    }
    fields.forEach((_, name) => show(name)); // a browser may have restored values that nobody recorded
    countAll();
  }

  function fromAnotherTab(event) {
    if (!event.key?.startsWith(KEY)) return;
    const name = event.key.slice(KEY.length);
    const record = event.newValue === null ? null : read(name, event.newValue);
    if (event.newValue === null) forget(name);
    else if (record && !accept(name, record) && later(records.get(name), record)) keep(name);
    countOf(name);
  }

  function edited(input) {
    const name = input.name;
    if (fields.get(name) !== input) return;
    const done = name.endsWith("/box") ? fields.get(name.replace(/box$/, "done")) : undefined;
    const at = moment(done ? [name, done.name] : [name]);
    const before = records.get(name);
    const put = (place, value) => { accept(place, { value, at }); keep(place); };
    put(name, input.type === "checkbox" ? input.checked || "" : input.value);
    // What is written down is this clock's time, whatever order the records of other machines ask for.
    if (done && input.checked && done.value === "") put(done.name, iso(Date.now()).slice(11, 16));
    // A time that the tick itself wrote goes with the tick; one that a person wrote stays.
    else if (done && !input.checked && before && records.get(done.name)?.at === before.at) put(done.name, "");
    exported = false;
    countOf(name);
  }

  // ---- what is still open ----

  const sheets = Array.from(main.querySelectorAll(".part"), (section) => ({
    section,
    host: section.dataset.host,
    inputs: Array.from(section.querySelectorAll("input[name]")),
    // A gate counts as a step: it has a number, and is done when it is a GO.
    boxes: Array.from(section.querySelectorAll("input[name$='/box'], .gate input[name$='/go']")),
    ticked: 0,
  })).filter((sheet) => sheet.boxes.length || sheet.host !== undefined);
  const sheetOf = new Map(sheets.flatMap((sheet) => sheet.inputs.map((input) => [input, sheet])));

  function element(tag, className) {
    const made = document.createElement(tag);
    made.className = className;
    return made;
  }

  function count(sheet) {
    sheet.ticked = sheet.boxes.filter((box) => box.checked).length;
    const empty = sheet.inputs.filter((input) => input.type === "text" && input.value.trim() === "").length;
    sheet.head.textContent = `${sheet.ticked} of ${sheet.boxes.length} steps ticked, ${empty} blanks empty`;
    sheet.entry.textContent = `${sheet.ticked} of ${sheet.boxes.length}`;
  }

  function countTogether() {
    const sum = (number) => sheets.reduce((total, sheet) => total + number(sheet), 0);
    const all = sum((sheet) => sheet.boxes.length);
    state.querySelector(".total").textContent = all ? `${sum((sheet) => sheet.ticked)} of ${all} steps ticked` : "";
    showNext();
  }

  // The first that is not ticked, by its number and title; a sheet that is closed is opened first.
  function showNext() {
    const box = sheets.flatMap((sheet) => sheet.boxes).find((each) => !each.checked);
    const link = state.querySelector(".next a");
    link.parentElement.hidden = !box;
    if (!box) return;
    const step = box.closest(".step, .gate");
    const title = step.querySelector(".title, h3").cloneNode(true);
    title.querySelectorAll(".about, .number, .minutes").forEach((it) => it.remove());
    link.textContent = `Next: ${box.title.replace(/ done$|: GO$/, "")} ${title.textContent.trim()}`;
    const { section } = sheetOf.get(box);
    link.href = `#${section.classList.contains("closed") ? section.id : step.id}`;
  }

  function countOf(name) {
    const sheet = sheetOf.get(fields.get(name));
    if (sheet) count(sheet);
    countTogether();
  }

  function countAll() {
    sheets.forEach(count);
    countTogether();
  }

  const entries = new Map(Array.from(document.querySelectorAll(".contents a"), (link) => [link.hash.slice(1), link]));

  function prepareCount(sheet) {
    sheet.head = element("p", "count");
    sheet.section.querySelector("h2").after(sheet.head);
    sheet.entry = element("span", "count");
    entries.get(sheet.section.id)?.after(" ", sheet.entry);
  }

  // ---- the guard: one sheet is open at a time, and only after its host's name was typed ----

  const guarded = sheets.filter((sheet) => sheet.host !== undefined);
  const plainName = (text) => text.trim().toLowerCase().replace(/\.$/, "");
  const label = (name) => name.split(".", 1)[0];
  const hosts = guarded.map((sheet) => plainName(sheet.host));
  let open = null;
  let reading = false;

  function arrange() {
    for (const sheet of guarded) {
      const usable = sheet === open;
      sheet.section.classList.toggle("closed", !usable && !reading);
      sheet.guard.hidden = usable;
      sheet.guard.querySelector(".reading").hidden = !reading;
      for (const input of sheet.inputs) input.disabled = !usable;
    }
    reachWhatScrolls();
    showNext();
  }

  // What is wider than a phone can be scrolled with the keyboard too; elsewhere no key stops there.
  function reachWhatScrolls() {
    for (const wide of main.querySelectorAll("pre, .wide")) {
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
      else wide.removeAttribute("tabindex");
    }
  }

  // The full name, or the first label where one side has no more and no other host of the set begins with it.
  function isHost(typed, host) {
    if (typed === host) return true;
    const short = !typed.includes(".") || !host.includes(".");
    return short && label(typed) === label(host) && hosts.filter((other) => label(other) === label(host)).length === 1;
  }

  function refusal(typed) {
    if (!typed) return "Type the host name that the prompt shows.";
    const own = guarded.find((sheet) => isHost(typed, plainName(sheet.host)));
    const there = own ? ` It belongs to "${own.section.querySelector("h2").textContent}".` : "";
    return `STOP. "${typed}" is not the host of this sheet.${there} Type nothing on that host; this sheet stays closed.`;
  }

  function prepareGuard(sheet) {
    sheet.guard = document.getElementById("guard").content.firstElementChild.cloneNode(true);
    const input = sheet.guard.querySelector("input");
    const refused = sheet.guard.querySelector("[role=alert]");
    sheet.guard.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = plainName(input.value);
      const right = isHost(typed, plainName(sheet.host));
      refused.textContent = right ? "" : refusal(typed);
      input.value = right ? "" : input.value;
      if (!right) return input.focus();
      open = sheet;
      arrange();
      sheet.section.querySelector("h2").focus();
      return say("The sheet is open; every other sheet is closed.");
    });
    sheet.section.querySelector("h2").tabIndex = -1;
    sheet.head.after(sheet.guard);
  }

  // ---- the file ----

  function fileText() {
    const names = [...records.keys()].sort();
    const kept = Object.fromEntries(names.map((name) => [name, records.get(name)]));
    return JSON.stringify({ plan, change, revision, fields: kept }, null, 2) + "\n";
  }

  function exportFile() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([fileText()], { type: "application/json" }));
    link.download = `${change}-${revision}-${plan}-${iso(Date.now()).slice(0, 19)}.json`.replace(/[^A-Za-z0-9.]+/g, "-");
    link.click();
    exported = true;
    say(`Exported as ${link.download}.`);
  }

  function importText(text, file) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      found = null;
    }
    const none = `Refused: ${file} is not an export of a runbook, or is damaged. Nothing was changed.`;
    if (found === null || typeof found !== "object" || typeof found.plan !== "string") return none;
    if (found.plan !== plan || found.change !== change || found.revision !== revision) {
      const whose = `plan ${found.plan}, change ${found.change}, revision ${found.revision}`;
      return `Refused: ${file} belongs to another runbook (${whose}). Nothing was changed.`;
    }
    if (found.fields === null || typeof found.fields !== "object" || Array.isArray(found.fields)) return none;
    const values = Object.entries(found.fields);
    if (!values.every(([name, record]) => sound(name, record))) return none;
    const latest = Math.max(...values.map(([, record]) => Date.parse(record.at)), 0);
    if (latest > Date.now() + AHEAD) {
      const when = values.find(([, record]) => Date.parse(record.at) === latest)[1].at;
      return `Refused: ${file} has a time in the future (${when}). Set the clock of the machine that it comes from. Nothing was changed.`;
    }
    const taken = values.filter(([name, record]) => accept(name, record));
    taken.forEach(([name]) => keep(name));
    exported = exported && taken.length === 0;
    countAll();
    return `Imported ${taken.length} of ${values.length} values from ${file}; the others here are as new or newer.`;
  }

  async function importFile(chooser) {
    const [file] = chooser.files;
    if (!file) return;
    const text = file.size > LARGEST_FILE ? "" : await file.text().catch(() => "");
    chooser.value = ""; // or the same file could not be chosen a second time
    say(importText(text, file.name));
  }

  function clearAll() {
    if (!confirm("Clear every tick and value of this runbook in this browser? Export first: this cannot be undone.")) return;
    for (const name of [...records.keys()]) {
      forget(name);
      try {
        localStorage.removeItem(KEY + name);
      } catch {
        lost();
      }
    }
    exported = true;
    countAll();
    say("Cleared.");
  }

  // ---- begin ----

  sheets.forEach(prepareCount);
  guarded.forEach(prepareGuard);
  arrange();
  load();
  tools.hidden = state.hidden = false;
  tools.querySelector(".read").hidden = guarded.length === 0;

  main.addEventListener("input", (event) => edited(event.target));
  main.addEventListener("change", (event) => {
    if (!unkept && fields.get(event.target.name) === event.target) say(`Kept at ${iso(Date.now()).slice(11, 19)}.`);
  });
  addEventListener("resize", reachWhatScrolls);
  addEventListener("storage", fromAnotherTab);
  addEventListener("pageshow", (event) => event.persisted && load()); // what other tabs did meanwhile
  addEventListener("beforeunload", (event) => unkept && !exported && event.preventDefault());
  tools.querySelector(".export").addEventListener("click", exportFile);
  tools.querySelector(".import").addEventListener("change", (event) => importFile(event.target));
  tools.querySelector(".clear").addEventListener("click", clearAll);
  tools.querySelector(".read").addEventListener("click", (event) => {
    reading = !reading;
    event.target.setAttribute("aria-pressed", reading);
    arrange();
  });
})();
