"""Alembic migrations of the truth: ``env.py`` runs them on the connection it is given, ``versions/`` holds them."""
