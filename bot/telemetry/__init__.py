"""What a server says of itself: ordinary logs, figures for Prometheus, and traces for OpenTelemetry.

logs.py      lines or JSON, with the id of the request that they are about
metrics.py   figures that every face adds to, and their text for ``GET /metrics``
traces.py    a span for each question and its stages, with the extra ``otel``
"""
