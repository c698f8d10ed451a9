"""Runs crawls and readings by schedule, and reports problems.

* ``planner.py``   computes from the archive which jobs are due, with the operator's settings; ``due_crawls.py`` has the
  rule by which a portal is due
* ``up.py``  ``worker.py``   the two executors of its jobs: one machine, or several with a queue in PostgreSQL
  (``job_queue.py``)
* ``runs.py`` ``child.py``   start and run each crawl and each reading in a process of its own
* ``health.py``   finds problems (texts: ``health.toml``); ``alerts.py`` sends them to the operator, news to readers
* ``messages.py``   sends messages, to a chat or by mail;  ``progress.py`` writes what happens, as events and lines
* ``relook.py``   extracts the links of stored list pages again; fetches nothing
"""
