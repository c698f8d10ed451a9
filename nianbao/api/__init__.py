"""The HTTP API: every question of ``nianbao/questions.py`` as a route, read-only.

``routes.py``       a route made of each question, for JSON and for files
``made_files.py``   files that are made for one caller, few at once
``description.py``  what OpenAPI says of answers and errors
``problems.py``     errors as RFC 9457 tells them, with the sentence that the command line gives
``validators.py``   ETag and Last-Modified: an answer is a function of the archive's state and of what was asked
``metrics.py``      what /metrics tells, without a walk of the archive
``guarding.py``     headers for safety, and how many requests one caller may make; their number where none is set
                    stands below, since help shows it without loading a server
"""

A_MINUTE = 600  #: requests of one caller that are answered, if nothing else is set
