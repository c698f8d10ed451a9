"""When each portal is crawled: a rule as data, what people set for a portal, and a clock that asks what is due.

``schedule.toml``  the rule, and what each setting means
``hours``          hours of the day: when a crawl may begin, when nothing is told                          (pure)
``plans``          the rule and what was set → a portal's plan                                             (pure)
``deadlines``      the days around which looks are daily, and after which looks prove an absence           (pure)
``due``            a plan, the deadlines, the crawls so far → when the next one is due, and why            (pure)
``gaps``           the days after a deadline on which no whole look was made                               (pure)
``setting``        what people set: a row is added for each portal, none is changed
``state``          the portals of an archive with their plans, crawls and next instants
``crawl_scheduler``APScheduler, rebuilt in memory at each start: crawls what is due, one process a portal
``waiting_queue``  portals that are due and wait for a worker
``reader``         reads what was crawled, beside the crawls
"""
