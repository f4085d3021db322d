"""Families of staged tasks, one file each: a module with FAMILY, a task_repos.staging.ground.Family. A file laid here is a family."""
