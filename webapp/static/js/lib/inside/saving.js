// Pictures to take along: an SVG with everything in it, and the same drawn as a PNG, each with a caption.

import { shown } from "./picture.js";
import { ink, paper, soft } from "./scales.js";

const SPACE = "http://www.w3.org/2000/svg";
const FONT = "Georgia, 'DejaVu Serif', serif";
const CAPTION = 14;
const MARGIN = 12;

/** Offer a file for download. */
export function save(name, blob) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const fileName = (...parts) =>
  parts
    .join(" ")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");

/** Return a function that returns the width of a text, in pixels. */
function measured(size) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = `${size}px ${FONT}`;
  return (text) => context.measureText(text).width;
}

/** Break a caption into lines of at most `width` pixels. */
function wrapped(caption, width) {
  const wide = measured(CAPTION);
  const lines = [""];
  for (const word of caption.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lines.at(-1) && wide(longer) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function frame(width, height, caption) {
  const room = Math.max(320, width);
  const lines = wrapped(caption, room);
  return { width: room + 2 * MARGIN, top: height + 2 * MARGIN, lines, height: height + 3 * MARGIN + lines.length * 20 };
}

/** Save a picture of gates: the whole text across, as PNG or SVG. */
export async function savePicture(picture, caption, name, kind) {
  const size = [picture.symbols.length * picture.cell, picture.height];
  const page = frame(...size, caption);
  if (kind === "svg")
    return save(`${name}.svg`, new Blob([pictureAsSvg(picture, size, page)], { type: "image/svg+xml" }));
  const [canvas, context] = blank(page);
  context.save();
  context.translate(MARGIN, MARGIN);
  const place = picture.place;
  picture.place = null;
  picture.drawOn(context, 0, size[0]);
  picture.place = place;
  context.restore();
  writeCaption(context, page);
  return save(`${name}.png`, await asBlob(canvas));
}

function pictureAsSvg(picture, [width, height], page) {
  const head = height - picture.units * picture.row;
  const wide = measured(15);
  const letters = picture.symbols.map((symbol, at) => {
    const squeezed =
      wide(shown(symbol)) > picture.cell ? ` textLength="${picture.cell - 4}" lengthAdjust="spacingAndGlyphs"` : "";
    const place = `x="${(at + 0.5) * picture.cell}" y="${head / 2 + 5}" text-anchor="middle"`;
    return `<text ${place}${squeezed}>${escaped(shown(symbol))}</text>`;
  });
  const place = `x="0" y="${head}" width="${width}" height="${height - head}"`;
  const image = `<image ${place} preserveAspectRatio="none" image-rendering="pixelated" href="${picture.valuesAsPng()}"/>`;
  const inside = `<g font-family="${FONT}" font-size="15" fill="${ink()}">${letters.join("")}</g>${image}`;
  return wholeSvg(page, inside);
}

function wholeSvg(page, inside) {
  const lines = page.lines.map(
    (line, number) => `<text x="${MARGIN}" y="${page.top + 14 + number * 20}">${escaped(line)}</text>`,
  );
  return `<svg xmlns="${SPACE}" width="${page.width}" height="${page.height}" viewBox="0 0 ${page.width} ${page.height}">
<title>${escaped(page.lines.join(" "))}</title><rect width="100%" height="100%" fill="${paper()}"/>
<g transform="translate(${MARGIN} ${MARGIN})">${inside}</g>
<g font-family="${FONT}" font-size="${CAPTION}" fill="${soft()}">${lines.join("")}</g></svg>\n`;
}

const escaped = (text) =>
  text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter]);

function blank(page) {
  const canvas = Object.assign(document.createElement("canvas"), { width: page.width, height: page.height });
  const context = canvas.getContext("2d");
  context.fillStyle = paper();
  context.fillRect(0, 0, page.width, page.height);
  return [canvas, context];
}

function writeCaption(context, page) {
  context.font = `${CAPTION}px ${FONT}`;
  context.fillStyle = soft();
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  page.lines.forEach((line, number) => context.fillText(line, MARGIN, page.top + 14 + number * 20));
}

const asBlob = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/png"));

/** Offer each chart of the page as PNG and SVG. */
export function offerChartSaving() {
  for (const figure of document.querySelectorAll("[data-chart-name]:has([data-savers][hidden])")) {
    figure.querySelector("[data-savers]").hidden = false;
    for (const button of figure.querySelectorAll("[data-save-chart]"))
      button.addEventListener("click", () => saveChart(figure, button.dataset.saveChart));
  }
}

function saveChart(figure, kind) {
  const caption = figure.querySelector("[data-caption]").textContent.trim();
  return saveShapes(figure.querySelector("svg"), caption, chartFile(figure.dataset.chartName), kind);
}

/** The name of the file of a chart: the page's title, and the chart's name. */
export const chartFile = (name) => fileName(document.title.split(" · ")[0], name);

/** Save an SVG that is on the page, with a caption, as PNG or SVG. */
export async function saveShapes(svg, caption, name, kind) {
  const { width, height } = svg.viewBox.baseVal;
  const page = frame(width, height, caption);
  if (kind === "svg")
    return save(`${name}.svg`, new Blob([wholeSvg(page, withStyles(svg))], { type: "image/svg+xml" }));
  const [canvas, context] = blank(page);
  context.save();
  context.translate(MARGIN, MARGIN);
  for (const shape of svg.children) drawShape(context, shape);
  context.restore();
  writeCaption(context, page);
  return save(`${name}.png`, await asBlob(canvas));
}

const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size"];

/** Return the shapes of an SVG with their styles, which the page's style sheet gives them, as attributes. */
function withStyles(svg) {
  return [...svg.children]
    .map((shape) => {
      const copy = shape.cloneNode(true);
      const style = getComputedStyle(shape);
      for (const name of STYLES) copy.setAttribute(name, style.getPropertyValue(name));
      copy.removeAttribute("class");
      return new XMLSerializer().serializeToString(copy);
    })
    .join("");
}

const number = (shape, name) => Number(shape.getAttribute(name) ?? 0);

const PATHS = {
  line(path, shape) {
    path.moveTo(number(shape, "x1"), number(shape, "y1"));
    path.lineTo(number(shape, "x2"), number(shape, "y2"));
  },
  polyline(path, shape) {
    for (const { x, y } of shape.points) path.lineTo(x, y);
  },
  circle(path, shape) {
    path.arc(number(shape, "cx"), number(shape, "cy"), number(shape, "r"), 0, 2 * Math.PI);
  },
  rect(path, shape) {
    path.rect(...["x", "y", "width", "height"].map((name) => number(shape, name)));
  },
};

function drawShape(context, shape) {
  const style = getComputedStyle(shape);
  if (shape.tagName === "text") {
    context.font = `${style.fontSize} ${style.fontFamily}`;
    context.textAlign = { middle: "center", end: "right" }[shape.getAttribute("text-anchor")] ?? "left";
    context.textBaseline = "alphabetic";
    context.fillStyle = style.fill;
    context.fillText(shape.textContent, number(shape, "x"), number(shape, "y"));
    return;
  }
  const path = new Path2D();
  PATHS[shape.tagName]?.(path, shape);
  if (style.fill !== "none") {
    context.fillStyle = style.fill;
    context.fill(path);
  }
  if (style.stroke === "none") return;
  context.strokeStyle = style.stroke;
  context.lineWidth = Number.parseFloat(style.strokeWidth) || 1;
  const dashes = style.strokeDasharray;
  context.setLineDash(dashes === "none" ? [] : dashes.split(",").map(Number.parseFloat));
  context.stroke(path);
}
