"""The rules: routing, lifecycle, clocks and calendar, supervision, rates, who sees what.

Pure: the same input gives the same answer, for ever.

No clock, no Kafka, no Faust, no logging; time enters as an argument, and what happened leaves as a value.
"""
