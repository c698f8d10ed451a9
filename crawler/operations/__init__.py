"""Crawls that run by themselves: what is due, the processes that do it, and whether all is well.

* ``runs.py`` ``child.py``   each portal in a process of its own, several side by side, one per host or cluster
* ``scheduling/``   when each portal is crawled;  ``up/``  ``nianbao up``;  ``health/``  what is not well
* ``jobs.py`` ``job_plans.py`` ``job_queue.py`` ``worker.py`` ``read_child.py``   the same shared by several machines:
  jobs in a queue in PostgreSQL, what is due and how urgent it is, the worker that does them, and ``worker_health.py``
  what it tells of itself
* ``progress.py``   how crawls are shown while they run
* ``stopping.py``   ends a crawl that is under way, in good order
* ``relook.py``     takes the links out of stored list pages again; fetches nothing
"""
