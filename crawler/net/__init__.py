"""Every fetch: where it may go, how it is paced, what came of it, and that it is kept.

* ``guard.py`` ``resolver.py``   where a fetch may go; the connection goes to the checked address
* ``politeness.py``       robots.txt, delays, Retry-After, retries, page budget
* ``download_handler.py`` how long an answer is awaited; ``redirects.py`` every hop goes through the guard
* ``capture.py``          downloader middleware: the WARC record first, then the row; once per attempt
* ``response_verdict.py`` what an answer is: page, empty, soft 404, blocked, error (pure)
* ``failures.py``         what the network does to a fetch, and the code under which it is recorded
* ``machine_locks.py``    two crawls never ask the same machine at once
* ``provenance.py``       how this program asks, for the first record of its WARC files
"""
