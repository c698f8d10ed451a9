"""What is late, missing, revised, withdrawn: pure judgements over facts, each with its evidence.

From facts to a status: ``facts`` · ``deadlines`` (what is due) · ``scopes`` (which listings speak for a duty) ·
``absences`` · ``statuses`` (the fourteen rows of ``docs/status-rules.md``) · ``history`` · ``sentences`` (in words).
What figures say: ``measures`` · ``figures`` · ``scores`` · ``rollup`` · ``bodies_stated`` · ``contradictions`` ·
``passages``. What the registry says: ``registry``. What all use: ``calendar`` · ``data_files``.
"""
