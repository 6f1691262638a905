"""Charts as plain geometry: each kind answers shapes that `ui/charts.html` writes out as SVG.

No style attribute and no script: classes and presentation attributes, so that figures print, follow the
dark look and can be tested by their numbers.
"""

from webapp.core.charts.bars import Bar, BarChart, bars
from webapp.core.charts.heat_map import Cell, HeatMap, Square, heat_map
from webapp.core.charts.interval import Interval, IntervalChart, interval
from webapp.core.charts.line import LineChart, Marker, Point, line
from webapp.core.charts.square import Bin, CalibrationChart, RocChart, Threshold, calibration, roc
from webapp.core.charts.stacks import Layer, Stack, StackChart, stacks
from webapp.core.charts.waterfall import Step, WaterfallChart, waterfall

__all__ = [
    "Bar",
    "BarChart",
    "Bin",
    "CalibrationChart",
    "Cell",
    "HeatMap",
    "Interval",
    "IntervalChart",
    "Layer",
    "LineChart",
    "Marker",
    "Point",
    "RocChart",
    "Square",
    "Stack",
    "StackChart",
    "Step",
    "Threshold",
    "WaterfallChart",
    "bars",
    "calibration",
    "heat_map",
    "interval",
    "line",
    "roc",
    "stacks",
    "waterfall",
]
