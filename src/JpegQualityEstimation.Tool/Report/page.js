(function () {
  'use strict';
  var controls = document.getElementById('controls'), stack = document.getElementById('stack');
  var opacity = document.getElementById('opacity'), value = document.getElementById('opacity-value');
  var shownLegend = document.getElementById('shown-legend'), overlay = document.createElement('img');
  overlay.className = 'overlay';
  function fade() {
    overlay.style.opacity = opacity.value / 100;
    value.textContent = opacity.value + ' %';
  }
  function show(kind) {
    var map = document.getElementById('map-' + kind);
    shownLegend.textContent = '';
    if (map === null) {
      overlay.remove();
      return;
    }
    overlay.src = map.src;
    overlay.alt = map.alt;
    overlay.dataset.kind = kind;
    stack.appendChild(overlay);
    var legend = document.getElementById('legend-' + kind).cloneNode(true);
    legend.removeAttribute('id');
    shownLegend.appendChild(legend);
  }
  controls.addEventListener('change', function (event) {
    if (event.target.name === 'overlay') { show(event.target.value); }
  });
  opacity.addEventListener('input', fade);
  fade();
  show(controls.querySelector('input[name="overlay"]:checked').value);
  controls.hidden = false;
}());
