class ImportRefused(ValueError):
    """The table cannot be read as answers, or does not go with what the study holds."""


class TableUnreadable(ImportRefused):
    """The file is missing, or not a table."""
