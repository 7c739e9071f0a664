"""From rows to `sla` values: what a Target SLA is counted from, its terms, its sum and its
distance.
"""
