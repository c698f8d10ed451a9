"""Fetches pages: checks where a fetch may go, paces it, judges the response, and stores it.

* ``guard.py`` ``resolver.py``   where a fetch and its redirects may go; the connection goes to the checked address
* ``politeness.py``        robots.txt, delays, Retry-After, retries, page budget; locks, so that two crawls never
                           ask the same machine at once
* ``fetching.py``          the purpose and the result of a fetch, and fetching from code that awaits the answer
* ``download_handler.py``  how long an answer is awaited; checks certificates, and returns what is wrong with them
* ``capture.py``           downloader middleware: the WARC record first, then the row; names that servers give files
* ``web_page.py``          a page as it came, with its text and tree; what a response is: page, empty, soft 404,
                           blocked, error (pure; words: ``page_words.toml``)
* ``failures.py``          errors of the network and of our guard, the codes under which they are recorded, and which
                           hosts are left alone because of them
"""
