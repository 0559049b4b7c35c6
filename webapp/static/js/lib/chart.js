// What charts of losses have in common: their colours, lines, axes and size. uPlot draws them.

const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
const newest = (values) => values.findLast((value) => value != null);
const shown = (write) => (chart, value, series, index) => {
  const known = index == null ? newest(chart.data[series]) : value; // without a pointer on the chart, the newest value is shown
  return known == null ? "–" : write(known);
};
export const line = (label, name, more) => ({
  label,
  stroke: colour(name),
  width: 2,
  spanGaps: true,
  value: shown((bits) => bits.toFixed(2)),
  ...more,
  points: { show: Boolean(more.dots), size: 6, fill: colour("--paper") },
});
const axis = (label, more) => ({
  label,
  stroke: colour("--soft"),
  grid: { stroke: colour("--line"), width: 1 },
  ticks: { show: false },
  font: "12px system-ui, sans-serif",
  labelFont: "12px system-ui, sans-serif",
  labelSize: 16,
  ...more,
});
const size = (frame) => ({ width: frame.clientWidth, height: Math.max(220, Math.min(360, frame.clientWidth * 0.5)) });

// Draws a chart into a frame, whose width it keeps. The characters that were read are its first column.
export function mount(frame, label, series, data) {
  const options = {
    ...size(frame),
    scales: { x: { time: false } },
    cursor: { drag: { x: false, y: false } },
    axes: [axis(label, { values: (_, ticks) => ticks.map((tick) => short.format(tick)) }), axis(null, { size: 44 })],
    series: [{ label, value: shown((count) => short.format(count)) }, ...series],
  };
  const made = new window.uPlot(options, data, frame);
  new ResizeObserver(() => made.setSize(size(frame))).observe(frame);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => made.redraw(false, true));
  return made;
}
