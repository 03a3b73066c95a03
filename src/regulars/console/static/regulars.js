// What the console does in the browser: the drawer, chart words and pictures, copying. Stored text enters the page as text only.
(() => {
  const el = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = String(text);
    return node;
  };
  const language = () => (document.documentElement.lang || "en").toLowerCase();
  const steps = { zh: [[1e8, "亿"], [1e4, "万"]], en: [[1e9, "B"], [1e6, "M"], [1e3, "k"]] };
  const trim = (value, digits) => Number(value.toFixed(digits)).toLocaleString("en-GB");
  const short = (value) => {
    for (const [size, sign] of steps[language().startsWith("zh") ? "zh" : "en"]) {
      if (Math.abs(value) >= size) return trim(value / size, Math.abs(value / size) < 10 ? 1 : 0) + sign;
    }
    return trim(value, Math.abs(value) < 10 ? 2 : 0);
  };
  // Axis labels: `unit` is one of count, money, share, days; `sign` a currency sign. All three are the server's own words.
  const axis = (unit, sign) => (value) => {
    if (unit === "share") return trim(value * 100, Math.abs(value) < 0.1 ? 1 : 0) + "%";
    if (unit === "money") return (value < 0 ? "−" : "") + sign + short(Math.abs(value));
    return short(value);
  };
  const swatch = (color) => {
    const mark = el("i");
    mark.style.background = typeof color === "string" ? color : "currentColor";
    return mark;
  };
  const row = (param, label) => {
    const line = el("div");
    const left = el("span");
    if (param.color) left.append(swatch(param.color));
    left.append(document.createTextNode(label ?? ""));
    const data = param.data || {};
    line.append(left, el("span", "", data.text ?? (Array.isArray(param.value) ? param.value.at(-1) : param.value)));
    return line;
  };
  // One tooltip for every chart; each data item brings its words ready made in `text`, `head` and `note`.
  const tooltip = (params) => {
    const many = Array.isArray(params) ? params : [params];
    const box = el("div", "rg-tip");
    const first = many[0];
    if (!first) return "";
    box.append(el("b", "", first.data?.head ?? first.axisValueLabel ?? first.name));
    const seen = new Set();
    for (const param of many) {
      const data = param.data || {};
      if (data.silent || data.text === undefined || seen.has(param.seriesName)) continue;
      seen.add(param.seriesName);
      box.append(row(param, Array.isArray(params) || data.label ? (data.label ?? param.seriesName) : ""));
      if (data.note) box.append(el("em", "", data.note));
    }
    return box;
  };
  const save = (href, name) => {
    const link = el("a");
    link.href = href;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
  };
  const picture = (id, name) => {
    const chart = window.getElement?.(id)?.chart;
    if (!chart) return;
    const background = getComputedStyle(document.body).getPropertyValue("--surface").trim() || "#ffffff";
    save(chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: background }), name);
  };
  // A table as it is shown, drawn cell by cell: shades, hatched cells and words, without what the page has around it.
  const shade = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (color && !/^(transparent|rgba\(.*, 0\))$/.test(color)) return color;
    }
    return "#ffffff";
  };
  const hatch = (pen, x, y, width, height) => {
    pen.save();
    pen.beginPath();
    pen.rect(x, y, width, height);
    pen.clip();
    pen.strokeStyle = "rgb(128 128 128 / .5)";
    for (let at = -height; at < width; at += 6) {
      pen.moveTo(x + at, y + height);
      pen.lineTo(x + at + height, y);
    }
    pen.stroke();
    pen.restore();
  };
  const tableOf = (id) => document.getElementById(id)?.querySelector("table");
  const tablePicture = (id, name) => {
    const table = tableOf(id);
    if (!table) return;
    const frame = table.getBoundingClientRect();
    const canvas = el("canvas");
    canvas.width = Math.ceil(frame.width * 2);
    canvas.height = Math.ceil(frame.height * 2);
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.fillStyle = shade(table);
    pen.fillRect(0, 0, frame.width, frame.height);
    pen.textBaseline = "middle";
    for (const cell of table.querySelectorAll("th, td")) {
      const box = cell.getBoundingClientRect();
      const style = getComputedStyle(cell);
      const [x, y] = [box.left - frame.left, box.top - frame.top];
      for (const node of [cell, ...cell.querySelectorAll("*")]) {
        const own = node.getBoundingClientRect();
        const color = getComputedStyle(node).backgroundColor;
        if (!color || /^(transparent|rgba\(.*, 0\))$/.test(color) || !own.width) continue;
        pen.fillStyle = color;
        pen.fillRect(own.left - frame.left, own.top - frame.top, own.width, own.height);
      }
      if (cell.classList.contains("partial")) hatch(pen, x, y, box.width, box.height); // not over yet
      const words = el("span", "", cell.innerText).textContent.split("\n").map((line) => line.trim()).filter(Boolean);
      const inner = cell.firstElementChild ? getComputedStyle(cell.firstElementChild) : style;
      pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      pen.fillStyle = inner.color || style.color;
      const side = /right|end/.test(style.textAlign) ? "right" : /center/.test(style.textAlign) ? "center" : "left";
      pen.textAlign = side;
      const at = side === "right" ? x + box.width - 10 : side === "center" ? x + box.width / 2 : x + 10;
      words.forEach((line, k) => pen.fillText(line, at, y + box.height / 2 + (k - (words.length - 1) / 2) * 16, box.width - 8));
    }
    save(canvas.toDataURL("image/png"), name);
  };
  // The same figures for a spreadsheet: UTF-8 with its mark, and no cell that begins a formula.
  const tableFile = (id, name) => {
    const table = tableOf(id);
    if (!table) return;
    const harmless = (text) => (/^[=+\-@＝＋－＠\t\r]/.test(text) && Number.isNaN(Number(text.replace(/[,%]/g, ""))) ? `'${text}` : text);
    const lines = [...table.querySelectorAll("tr")].map((line) =>
      [...line.querySelectorAll("th, td")].map((cell) => `"${harmless(cell.innerText.replace(/\s+/g, " ").trim()).replace(/"/g, '""')}"`).join(","),
    );
    const url = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
    save(url, name);
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  const side = (open) => {
    const wanted = open ?? !document.body.classList.contains("rg-side-open");
    document.body.classList.toggle("rg-side-open", wanted);
    document.querySelector("[data-side-toggle]")?.setAttribute("aria-expanded", String(wanted));
    if (wanted) document.querySelector(".rg-side a")?.focus();
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = el("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };
  // A button beside lines of code: it copies them, and says for a moment that it did.
  const copyLines = async (event) => {
    const button = event.currentTarget;
    const sign = button.querySelector(".rg-i");
    await copy(button.parentElement.querySelector("pre, code").textContent);
    if (!sign) return;
    sign.textContent = "check";
    setTimeout(() => (sign.textContent = "content_copy"), 1400);
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") side(false);
    const typing = /^(input|textarea|select)$/i.test(event.target?.tagName || "");
    if (event.key === "/" && !typing) {
      const search = document.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });
  document.addEventListener("click", (event) => {
    const wish = event.target.closest?.("[data-language]")?.dataset.language;
    if (!wish) return;
    document.cookie = `regulars_language=${wish === "zh" ? "zh" : "en"}; Path=/; Max-Age=31536000; SameSite=Lax`;
    const here = new URL(location.href);
    here.searchParams.delete("lang");
    location.replace(here);
  });
  window.addEventListener("popstate", () => window.location.reload());
  const address = (path) => {
    if (path !== location.pathname + location.search) history.pushState(null, "", path);
  };
  const post = (path, fields) => fetch(path, { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(fields) });
  const prefer = async (name, value) => {
    await post("/preferences", { [name]: value });
    location.reload();
  };
  const signOut = async () => {
    await post("/sign-in/out", {});
    location.href = "/sign-in";
  };
  // "As the system": the server draws charts in the right colours, so it is told which ones the system shows.
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const tellScheme = () => {
    const wanted = scheme.matches ? "dark" : "light";
    const known = /(?:^|; )regulars_scheme=(\w+)/.exec(document.cookie)?.[1];
    document.cookie = `regulars_scheme=${wanted}; Path=/; Max-Age=31536000; SameSite=Lax`;
    return known !== wanted && (known !== undefined || wanted === "dark");
  };
  const automatic = () => (/(?:^|; )regulars_theme=(\w+)/.exec(document.cookie)?.[1] ?? "auto") === "auto";
  if (tellScheme() && automatic()) location.reload();
  scheme.addEventListener("change", () => tellScheme() && automatic() && location.reload());
  const nodeLabel = (param) => param.data?.label_text ?? param.name;
  const openChoice = (id) => document.getElementById(id)?.querySelector("input[type=file]")?.click();
  const later = (field, act) => {
    clearTimeout(field.waiting);
    field.waiting = setTimeout(act, 350);
  };
  // Heights of small bars in a box of that height: what is there at all can be seen.
  const bars = (values, height) => {
    const most = Math.max(...values, 1);
    return values.map((value) => (value > 0 ? Math.max(1.5, (value / most) * height) : 0.6));
  };
  window.regulars = { bars, copyLines, later, prefer, signOut, nodeLabel, openChoice, axis, tooltip, picture, tablePicture, tableFile, side, copy, address, save };
})();
