"""One file per revision; its id stands in ``storage.migrate.REVISIONS``."""
