"""The picture's last column as text, for export."""

from __future__ import annotations

from liqmap.estimate.density import Density
from liqmap.evaluate.realised_share import Shares, expected


def csv(density: Density, shares: Shares | None = None, *, simulated: bool = False) -> str:
    """The last column as CSV, bin by bin, lowest first: exposure, or liquidations and whose.

    The names of a simulated market's columns say that it is one.
    """
    kind = "" if shares is None else f"expected_{shares.whose}_"
    kind = f"SIMULATED_{kind}" if simulated else kind
    density = expected(density, shares)
    lines = [f"low_price,high_price,{kind}long_quote,{kind}short_quote"]
    edges = density.price_edges
    longs = density.long_base[:, -1] * density.prices
    shorts = density.short_base[:, -1] * density.prices
    lines += [
        f"{edges[row]:.10g},{edges[row + 1]:.10g},{longs[row]:.2f},{shorts[row]:.2f}"
        for row in range(longs.size)
    ]
    return "\n".join(lines) + "\n"
