"""From a density to arrays, colours and words; only `document` knows Bokeh."""
