"""The figures of a report: charts of its numbers, and the flow chart of exclusions.

charts        each figure as a Vega-Lite chart
chart_parts   what the charts share: series and their colors, axes, rows, the common look
flow_chart    the flow chart of exclusions
page_figures  figures as a page shows them, with a description; stored with the snapshot
rendering     from a chart to SVG, PDF and PNG
"""
