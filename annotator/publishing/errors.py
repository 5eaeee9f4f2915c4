"""What publishing refuses."""


class NotPublishable(Exception):
    """The study cannot be published as asked; the text says what to do."""
