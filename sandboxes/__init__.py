"""Where agents work: one plugin per kind of disposable machine; no task, no model and no grading may come in here."""
