"""Between rows and `sla` values: what a Target SLA is counted from, by which terms, why, and how
far away it is.
"""
