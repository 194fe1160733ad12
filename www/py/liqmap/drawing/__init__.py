"""The page's picture outside the page: a Bokeh figure, an HTML file, a PNG."""
