"""Crawls that run by themselves: what is due, who does it, and whether all is well.

* ``planner.py``   which jobs are due, computed from the archive: ``schedule_settings.py`` is the rule and what was set,
  ``due_crawls.py`` decides when a portal is due
* ``up.py``  ``worker.py``   the two executors of its jobs: one machine, or several with a queue in PostgreSQL
  (``job_queue.py``)
* ``runs.py`` ``child.py``   each crawl and each reading in a process of its own, by itself or as a job
* ``health.py``   what is not well;  ``alarms.py`` tells it to the operator, ``alerts.py`` tells news to readers by mail
* ``messages.py``   sends it, to a chat or by mail;  ``progress.py`` what happens, as events and as lines
* ``relook.py``   takes the links out of stored list pages again; fetches nothing
"""
