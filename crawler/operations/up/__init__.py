"""``nianbao up``: crawls, reader and health as one group of processes, for years.

Of an archive in PostgreSQL a worker of its queue (``nianbao worker``) crawls and reads.

``up``        begins the parts, begins again what dies, ends all in good order; one an archive
``__main__``  one part in its process
``lines``     what they say: a line an event, for people or as JSON
``commands``  ``nianbao up``
"""
