"""Panels, a file each: what of the state becomes a message for the page."""

from __future__ import annotations

from liqmap.session.panels.accounts import AccountsPanel
from liqmap.session.panels.alerts import AlertsPanel
from liqmap.session.panels.breakdown import BreakdownPanel
from liqmap.session.panels.cascade import CascadePanel
from liqmap.session.panels.cleared import ClearedPanel
from liqmap.session.panels.cluster_detail import ClusterDetailPanel
from liqmap.session.panels.clusters import ClustersPanel
from liqmap.session.panels.context import ContextPanel
from liqmap.session.panels.contracts import ContractsPanel
from liqmap.session.panels.heading import HeadingPanel
from liqmap.session.panels.health import HealthPanel
from liqmap.session.panels.heatmap import HeatmapPanel
from liqmap.session.panels.history import HistoryPanel
from liqmap.session.panels.liquidation_chart import LiquidationChartPanel
from liqmap.session.panels.liquidation_map import LiquidationMapPanel
from liqmap.session.panels.panel import Panel
from liqmap.session.panels.position import PositionPanel
from liqmap.session.panels.score import ScorePanel
from liqmap.session.panels.situation import SituationPanel
from liqmap.session.panels.tape import TapePanel
from liqmap.session.panels.time_machine import TimeMachinePanel
from liqmap.session.panels.uncertainty import UncertaintyPanel


def panels() -> tuple[Panel, ...]:
    """All panels, in the order of their messages."""
    return (
        ContractsPanel(),
        HeadingPanel(),
        TimeMachinePanel(),
        SituationPanel(),
        HeatmapPanel(),
        LiquidationMapPanel(),
        ClustersPanel(),
        ClusterDetailPanel(),
        BreakdownPanel(),
        UncertaintyPanel(),
        LiquidationChartPanel(),
        ContextPanel(),
        HistoryPanel(),
        TapePanel(),
        ScorePanel(),
        ClearedPanel(),
        AccountsPanel(),
        PositionPanel(),
        HealthPanel(),
        CascadePanel(),
        AlertsPanel(),
    )
