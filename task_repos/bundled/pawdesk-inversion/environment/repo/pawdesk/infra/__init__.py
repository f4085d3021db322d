"""What pawdesk uses of the world: clock, chance, settings, database, mail, texts, cards, paper, journal, files, laboratory.

Each module keeps the one instance that the process uses; `pawdesk.practice` installs them when a practice is opened.
"""
