"""One module for each word after `paidan`, each with `app: typer.Typer`; `deploy.cli` lists them.

A command reads its options, calls what it drives and shows the result. Decisions do not live here.
"""
