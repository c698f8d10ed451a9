"""Judge from facts, with evidence, what is late, missing, revised or withdrawn. Pure; called by ``projection.judge``.

From facts to a status: ``facts`` · ``deadlines`` (when a report is due) · ``scopes`` (which listings should show it) ·
``absences`` · ``statuses`` (the fourteen rows of ``docs/status-rules.md``) · ``history`` · ``sentences`` (in words).
What figures say: ``measures`` · ``figures`` · ``scores`` · ``rollup`` · ``stated_agency_counts`` · ``contradictions`` ·
``passages``. What the registry says: ``registry`` · ``expected_counts``. What all use: ``calendar`` · ``data_files``.
"""
