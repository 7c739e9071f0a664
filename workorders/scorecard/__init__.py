"""The scorecard: which work orders count, totals, lists behind them, and time in each status."""
