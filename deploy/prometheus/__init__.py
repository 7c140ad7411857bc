"""What Prometheus evaluates: recording rules and alerts, as tables from which `rules/` is generated.

No figure that is published comes from here (that is `streams.domain.rates`), and nothing is reminded of one dispatch by
an alert (that is a clock's mark): alerts are about many, and about whether the clocks themselves run.
"""
