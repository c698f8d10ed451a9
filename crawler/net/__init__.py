"""Every fetch: where it may go, how it is paced, what came of it, and that it is kept.

* ``guard.py`` ``resolver.py``   where a fetch may go; the connection goes to the checked address
* ``politeness.py``        robots.txt, delays, Retry-After, retries, page budget
* ``host_health.py``       which hosts are left alone for the rest of a run, and why
* ``machine_locks.py``     two crawls never ask the same machine at once
* ``fetching.py``          what a request is for, what came of it, and asking from code that awaits the answer
* ``download_handler.py``  how long an answer is awaited; ``redirects.py`` every hop goes through the guard
* ``https.py``             how https is spoken: TLS versions, ciphers; certificates are checked, what is wrong is told
* ``capture.py``           downloader middleware: the WARC record first, then the row; names that servers give files
* ``web_page.py``          a page as it came: its address, text and tree; the words of pages (``page_words.toml``; pure)
* ``response_verdict.py``  what an answer is: page, empty, soft 404, blocked, error (pure)
* ``failures.py``          what the network does to a fetch, and the code under which it is recorded
"""
