"""The HTTP API, read-only: a route for every question in ``nianbao/questions.toml``.

``routes.py``       the route of each question, for JSON and for files
``downloads.py``    files made for one request and bodies of captures, few at once
``description.py``  answers and errors in the OpenAPI description
``problems.py``     errors in the format of RFC 9457, with the sentence that the command line prints
``validators.py``   ETag and Last-Modified: an answer depends only on the archive's state, the day and the request
``metrics.py``      /metrics for Prometheus, without counting at each request
``guarding.py``     security headers, and the limit on requests of one client; its default is below because
                    help shows it without loading a server
"""

A_MINUTE = 600  #: default limit on requests of one client in a minute
