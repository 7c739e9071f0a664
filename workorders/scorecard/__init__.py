"""The scorecard: which work orders count, their totals, the lists behind each figure, and where the
days went.
"""
