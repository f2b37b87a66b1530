(async () => {
  "use strict";
  const packed = document.getElementById("plotly-packed");
  const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
  // Where the browser cannot unpack, the static charts stay.
  if (typeof DecompressionStream === "undefined") return;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);
  const config = { responsive: true, displayModeBar: false };
  document.documentElement.classList.add("drawn");
  for (const plot of document.querySelectorAll("[data-plot]")) {
    const { data, layout } = JSON.parse(document.getElementById(plot.dataset.plot).textContent);
    if (matchMedia("(pointer: coarse)").matches) layout.dragmode = false;
    await Plotly.newPlot(plot, data, layout, config);
  }
})();
