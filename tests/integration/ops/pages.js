// What a reader of the page would miss: what is wider than its place, cut, covered, hidden, too small or too faint to
// read. Gives the faults in words, and facts for a test to hold against what it knows.
(() => {
  const faults = [];
  const wide = document.documentElement.clientWidth;
  const print = matchMedia("print").matches;
  const style = getComputedStyle;
  const named = (e) => `${e.localName}.${e.getAttribute("class") ?? ""} ${JSON.stringify(e.textContent.slice(0, 40))}`;
  const fault = (what, e, more = "") => faults.push(`${what}: ${named(e)} ${more}`);
  const scrolls = (e) => ["auto", "scroll"].includes(style(e).overflowX);
  const scroller = (e) => {
    while (e && !scrolls(e)) e = e.parentElement;
    return e;
  };
  const picture = (e) => e.parentElement?.closest("svg");
  // Letters of some fonts reach a little beyond their own box.
  const reach = 1.5;
  const isIn = (a, b) =>
    a.left >= b.left - reach && a.right <= b.right + reach && a.top >= b.top - reach && a.bottom <= b.bottom + reach;
  const page = { left: 0, right: wide, top: -Infinity, bottom: Infinity };

  // Colours with opacity, one over the other.
  const color = (text, alpha) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return [r, g, b, a * alpha];
  };
  const over = (top, below) => below.map((c, n) => (n < 3 ? top[n] * top[3] + c * (1 - top[3]) : 1));
  const once = (work) => {
    const known = new Map();
    return (e) => known.get(e) ?? known.set(e, work(e)).get(e);
  };
  const opacity = once((e) => (e ? style(e).opacity * opacity(e.parentElement) : 1));
  const painted = once((e) => {
    const { fill, fillOpacity, stroke, strokeOpacity, backgroundColor } = style(e);
    if (!picture(e)) return color(backgroundColor, opacity(e));
    return fill === "none" ? color(stroke, strokeOpacity * opacity(e)) : color(fill, fillOpacity * opacity(e));
  });
  const luminance = ([r, g, b]) => {
    const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const paper = over(painted(document.body), [255, 255, 255, 1]);

  if (document.documentElement.scrollWidth > wide) faults.push(`wider than the page: ${wide}`);
  for (const e of document.body.querySelectorAll("*")) {
    const box = e.getBoundingClientRect();
    const frame = picture(e)?.getBoundingClientRect();
    if (e.localName !== "title" && frame && !isIn(box, frame)) fault("out of its picture", e);
    if (!frame && !scroller(e.parentElement) && !isIn(box, page)) fault("out of the page", e);
    if (e.scrollWidth > e.clientWidth && e.clientWidth && (print || !scrolls(e)) && !frame) fault("cut", e);
  }

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const e = node.parentElement;
    if (!node.data.trim() || e.localName === "title") continue;
    texts.push(node.data.trim());
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = () => [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
    if (!boxes().length || style(e).visibility !== "visible") {
      fault("hidden", e);
      continue;
    }
    const { fontSize, fontWeight } = style(e);
    const size = parseFloat(fontSize) * (picture(e)?.getScreenCTM().a ?? 1);
    if (size < 10) fault("too small", e, size);
    const enough = size >= 24 || (size >= 18.66 && fontWeight >= 700) ? 3 : 4.5;
    const ink = picture(e) ? painted(e) : color(style(e).color, opacity(e));
    for (let n = 0; n < boxes().length; n++) {
      scrollBy(0, boxes()[n].top < 0 || boxes()[n].bottom > innerHeight ? boxes()[n].top - innerHeight / 2 : 0);
      const box = boxes()[n];
      if (!scroller(e) && !isIn(box, page)) fault("out of the page", e);
      const room = scroller(e)?.getBoundingClientRect() ?? page;
      const left = Math.max(box.left, room.left) + 1;
      const right = Math.min(box.right, room.right) - 1;
      // The rest is to be scrolled to.
      if (right < left) continue;
      for (const x of [left, (left + right) / 2, right]) {
        const stack = document.elementsFromPoint(x, (box.top + box.bottom) / 2);
        if (stack[0] !== e) fault("covered", e, stack[0] && named(stack[0]));
        const behind = stack.filter((it) => it !== e || !picture(e)).reduceRight((below, it) => over(painted(it), below), paper);
        const found = contrast(over(ink, behind), behind);
        if (found < enough) fault("too faint", e, found);
      }
    }
  }

  for (const drawing of document.querySelectorAll("svg")) {
    const words = [...drawing.querySelectorAll("text")].map((e) => [e, e.getBoundingClientRect()]);
    words.forEach(([e, a], n) => {
      for (const [other, b] of words.slice(n + 1)) {
        const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
        if (!apart) fault("on each other", e, named(other));
      }
    });
  }

  return {
    faults,
    width: innerWidth,
    print,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    paper: luminance(paper),
    texts,
    figures: document.querySelectorAll("figure").length,
    told: document.querySelectorAll("figure + .wide > table").length,
    tables: document.querySelectorAll("table").length,
  };
})();
