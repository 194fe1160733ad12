"""From a density to arrays, colours and words; only `document` and `charts` know Bokeh."""
