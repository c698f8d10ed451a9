"""The doors of the archive: command line, export; later the HTTP API and the web page.

* ``cli.py``       mounts the commands below (``nianbao.cli.command_table`` those that fetch, beside them)
* ``common.py``    options every command shares, opening an archive, errors and exit codes
* ``output.py``    one set of rows shown as a table, plain lines, JSON or CSV
* ``outlet.py``    standard output: whole, or told not to be; ``unseen.py`` what nobody sees is shown on it
* ``reading.py``   ``read`` and ``classify``: without an archive
* ``asking.py``    ``coverage``, ``missing``, ``late``, ``status``
* ``showing.py``   ``show``
* ``differing.py`` ``diff``; ``difference_text.py`` how a side of it reads, ``difference_page.py`` as a page
* ``searching.py`` ``search``
* ``figuring.py``  ``series``, ``table``, ``rank``, ``compare``, ``indicators``; ``figure_text.py`` what they print
* ``checking.py``  ``check``: what does not add up
* ``reviewing.py`` ``review``: what needs a person; on a terminal it takes the rulings
* ``keeping.py``   ``init``, ``reread``, ``rebuild``, ``rule``, ``agencies``, ``doctor``
* ``comparing.py`` what ``reread --all`` changes, printed
* ``citing.py``    ``cite``; ``withholding.py`` ``withhold``
* ``sealing.py``   ``seal`` and ``verify``; ``stamping.py`` asks a time-stamping authority
* ``backing_up.py``  ``backup`` and ``restore``
* ``export.py``    ``export duties|leads`` as other programs rely on them
* ``exporting.py`` ``export``; ``tables.py`` what each table is, ``formats/`` how it is written, ``writing.py`` and
  ``files.py`` where to; ``taking.py`` the same for Python
* ``releasing.py`` ``release`` and ``release verify``; ``release/`` how one is made and checked
* ``entrance.py``  the Python entrance, read-only
"""
